"""The kernels of the runtime. The folder is the registry: every module has KERNELS, best first, plain C last."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from barecast.schedule import Kernel

__all__ = ["all_kernels", "for_op"]


@cache
def all_kernels() -> dict[str, tuple[Kernel, ...]]:
    """Operator name -> its kernels, best first."""
    found: dict[str, tuple[Kernel, ...]] = {}
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda i: i.name):
        module = importlib.import_module(f"{__name__}.{info.name}")
        found[info.name] = module.KERNELS
    return found


def for_op(op: str) -> tuple[Kernel, ...]:
    return all_kernels().get(op, ())
