"""A shared and a static library for Linux, by `make install`, and what pkg-config says of them."""

from __future__ import annotations

from collections.abc import Mapping

from barecast.exports import Export, Package, make, no_microcontroller, render


def _files(package: Package) -> Mapping[str, str]:
    return {
        **make.EXPORT.files(package),
        f"{package.name}_api.h": render("pkg-config/api.h.j2", package),
        f"barecast-{package.name}.pc.in": render("pkg-config/package.pc.in.j2", package),
    }


EXPORT = Export("pkg-config", _files, no_microcontroller)
