"""Kernels of reduce (contract: runtime_c/kernels/reduce/reduce.h), best first."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

S8 = (DType.S8, DType.S8)
S16 = (DType.S16, DType.S16)
F32 = (DType.F32, DType.F32)

WHY = "four neighbours to add at a time"


def _has_neighbours(p) -> bool:
    return p.inner >= 4


KERNELS = (
    Kernel(
        "bc_reduce_s8_mve",
        "reduce",
        S8,
        needs=frozenset({"mve"}),
        when=_has_neighbours,
        requires=WHY,
        copy_bytes=750,
    ),
    Kernel(
        "bc_reduce_s8_dsp",
        "reduce",
        S8,
        needs=frozenset({"dsp"}),
        when=_has_neighbours,
        requires=WHY,
        copy_bytes=260,
    ),
    Kernel(
        "bc_reduce_s8_neon",
        "reduce",
        S8,
        needs=frozenset({"neon"}),
        when=lambda p: p.inner >= 16,
        requires="16 neighbours to add at a time",
        copy_bytes=400,
    ),
    Kernel("bc_reduce_s8_c", "reduce", S8, copy_bytes=290),
    Kernel("bc_reduce_s16_mve", "reduce", S16, needs=frozenset({"mve"}), when=_has_neighbours, requires=WHY),
    Kernel("bc_reduce_s16_dsp", "reduce", S16, needs=frozenset({"dsp"}), when=_has_neighbours, requires=WHY),
    Kernel("bc_reduce_s16_c", "reduce", S16),
    Kernel(
        "bc_reduce_f32_neon",
        "reduce",
        F32,
        needs=frozenset({"neon"}),
        when=_has_neighbours,
        requires=WHY,
        copy_bytes=250,
    ),
    Kernel(
        "bc_reduce_f32_fpu",
        "reduce",
        F32,
        needs=frozenset({"fpu"}),
        when=lambda p: p.inner >= 8,
        requires="eight neighbours to add at a time",
        copy_bytes=240,
    ),
    Kernel("bc_reduce_f32_c", "reduce", F32, copy_bytes=80),
)
