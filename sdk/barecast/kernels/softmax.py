"""Kernels of softmax."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel


def _in_place(element: int):
    """Rows of neighbours may be written over any earlier bytes; rows that interleave (inner > 1) may not."""
    return lambda p: p.outer * p.extent * element if p.inner == 1 else 0


def _mve(p) -> bool:
    return p.inner == 1 and p.extent >= 4 and (p.ties != 1 or p.shift >= 46)


KERNELS: tuple[Kernel, ...] = (
    Kernel(
        "bc_softmax_s8_mve",
        "softmax",
        (DType.S8, DType.S8),
        needs=frozenset({"mve"}),
        when=_mve,
        requires="rows of four neighbours or more, an output scale of 2**-17 or more",
        overlap=_in_place(1),
    ),
    Kernel("bc_softmax_s8_c", "softmax", (DType.S8, DType.S8), overlap=_in_place(1)),
    Kernel("bc_softmax_s16_c", "softmax", (DType.S16, DType.S16), overlap=_in_place(2)),
    Kernel("bc_softmax_s8_s16_c", "softmax", (DType.S8, DType.S16)),
    Kernel("bc_softmax_f32_c", "softmax", (DType.F32, DType.F32), overlap=_in_place(4)),
)
