"""A module of Zephyr, in a folder of its own beside the model's files."""

from __future__ import annotations

from collections.abc import Mapping

from barecast.exports import Export, Package, render


def _files(package: Package) -> Mapping[str, str]:
    return {f"zephyr/{name}": render(f"zephyr/{name}.j2", package) for name in ("CMakeLists.txt", "Kconfig", "module.yml")}


EXPORT = Export("Zephyr", _files)
