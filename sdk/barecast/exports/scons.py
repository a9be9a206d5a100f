"""A SConscript that returns the library, and a SConstruct that builds it alone."""

from __future__ import annotations

from collections.abc import Mapping

from barecast.exports import Export, Package, render


def _files(package: Package) -> Mapping[str, str]:
    return {name: render(f"scons/{name}.j2", package) for name in ("SConscript", "SConstruct")}


EXPORT = Export("SCons", _files)
