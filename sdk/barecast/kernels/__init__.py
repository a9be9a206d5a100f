"""The kernels of the runtime. The folder is the registry: every module has KERNELS, best first, plain C last."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from barecast.schedule import Kernel

__all__ = ["all_kernels", "for_op", "spend_flash"]


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


def spend_flash(isa: frozenset[str]) -> bool:
    """Whether a core with these instruction sets has kernels that --weights wide allows."""
    return any(kernel.wide and kernel.needs <= isa for entries in all_kernels().values() for kernel in entries)
