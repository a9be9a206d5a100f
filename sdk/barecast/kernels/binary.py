"""Kernels of binary."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel


def _in_place(element: int):
    return lambda p: p.size * element if p.a_is_whole else 0


KERNELS: tuple[Kernel, ...] = (
    Kernel("bc_binary_s8_c", "binary", (DType.S8, DType.S8), overlap=_in_place(1)),
    Kernel("bc_binary_s16_c", "binary", (DType.S16, DType.S16), overlap=_in_place(2)),
    Kernel("bc_binary_f32_c", "binary", (DType.F32, DType.F32), overlap=_in_place(4)),
)
