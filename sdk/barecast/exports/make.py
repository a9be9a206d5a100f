"""NAME.mk with the lists and flags for a Makefile of one's own, and a Makefile that builds the library alone."""

from __future__ import annotations

from collections.abc import Mapping

from barecast.exports import Export, Package, render


def _files(package: Package) -> Mapping[str, str]:
    return {
        "Makefile": render("make/Makefile.j2", package),
        f"{package.name}.mk": render("make/model.mk.j2", package),
    }


EXPORT = Export("Make", _files)
