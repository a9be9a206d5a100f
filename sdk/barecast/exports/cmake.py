"""A library barecast::NAME for CMake, and a toolchain file for the target."""

from __future__ import annotations

from collections.abc import Mapping

from barecast.exports import Export, Package, render


def _files(package: Package) -> Mapping[str, str]:
    files = {"CMakeLists.txt": render("cmake/CMakeLists.txt.j2", package)}
    if package.target.prefix:
        files[f"toolchain-{package.target.name}.cmake"] = render("cmake/toolchain.cmake.j2", package)
    return files


EXPORT = Export("CMake", _files)
