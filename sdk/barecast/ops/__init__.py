"""The operators of the graph. The folder is the registry: every module here has one OP."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from barecast.ops.base import Op

__all__ = ["Op", "all_ops", "get"]


@cache
def all_ops() -> dict[str, Op]:
    """Name -> Op, in sorted order."""
    found = {}
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda i: i.name):
        module = importlib.import_module(f"{__name__}.{info.name}")
        if hasattr(module, "OP"):
            found[module.OP.name] = module.OP
    return found


def get(name: str) -> Op:
    return all_ops()[name]
