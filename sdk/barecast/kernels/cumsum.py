"""Kernels of cumsum."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel


def _in_place(element: int):
    return lambda p: 0 if p.total or p.inner > 1 or p.reverse else p.outer * p.n * element


KERNELS: tuple[Kernel, ...] = (
    Kernel("bc_cumsum_s8_c", "cumsum", (DType.S8, DType.S8), overlap=_in_place(1)),
    Kernel("bc_cumsum_f32_c", "cumsum", (DType.F32, DType.F32), overlap=_in_place(4)),
)
