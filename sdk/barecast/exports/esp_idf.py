"""A component of ESP-IDF. Its CMakeLists.txt is CMake's too where both are asked for."""

from __future__ import annotations

from collections.abc import Mapping

from barecast.exports import Export, Package, render


def _objection(package: Package) -> tuple[str, str] | None:
    if package.target.profile == "host":
        return None
    return f"ESP-IDF's chips have no Arm core, and the target is {package.target.name}", "leave --target and --board out"


def _files(package: Package) -> Mapping[str, str]:
    return {
        "CMakeLists.txt": render("cmake/CMakeLists.txt.j2", package),
        "idf_component.yml": render("esp-idf/idf_component.yml.j2", package),
    }


EXPORT = Export("ESP-IDF", _files, _objection)
