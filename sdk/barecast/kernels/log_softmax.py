"""Kernels of log_softmax."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel


def _in_place(element: int):
    """Rows of neighbours may be written over any earlier bytes; rows that interleave (inner > 1) may not."""
    return lambda p: p.outer * p.extent * element if p.inner == 1 else 0


KERNELS: tuple[Kernel, ...] = (
    Kernel("bc_log_softmax_s8_c", "log_softmax", (DType.S8, DType.S8), overlap=_in_place(1)),
    Kernel("bc_log_softmax_f32_c", "log_softmax", (DType.F32, DType.F32), overlap=_in_place(4)),
)
