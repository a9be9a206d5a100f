"""Kernels of layer_norm (contract: runtime_c/kernels/layer_norm/layer_norm.h), best first."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

F32 = (DType.F32, DType.F32)


def _in_place(p) -> int:
    """A row of neighbours is read as a whole before it is written; rows that interleave (inner > 1) are not."""
    return 4 * p.outer * p.extent if p.inner == 1 else 0


KERNELS = (
    Kernel(
        "bc_layer_norm_f32_mve",
        "layer_norm",
        F32,
        needs=frozenset({"mve"}),
        when=lambda p: p.inner == 1 and p.extent >= 4,
        requires="rows of four neighbours or more",
        overlap=_in_place,
        copy_bytes=400,
    ),
    Kernel(
        "bc_layer_norm_f32_neon",
        "layer_norm",
        F32,
        needs=frozenset({"neon"}),
        when=lambda p: p.inner >= 4 or (p.inner == 1 and p.extent >= 4),
        requires="rows of four neighbours or more, or four rows side by side",
        overlap=_in_place,
        copy_bytes=900,
    ),
    Kernel("bc_layer_norm_f32_c", "layer_norm", F32, overlap=_in_place, copy_bytes=400),
)
