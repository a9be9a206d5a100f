"""A Meson subproject, and a cross file for the target."""

from __future__ import annotations

from collections.abc import Mapping

from barecast.exports import Export, Package, no_cmsis_nn, render


def _files(package: Package) -> Mapping[str, str]:
    files = {"meson.build": render("meson/meson.build.j2", package)}
    if package.target.prefix:
        files[f"cross-{package.target.name}.ini"] = render("meson/cross.ini.j2", package)
    return files


EXPORT = Export("Meson", _files, no_cmsis_nn)
