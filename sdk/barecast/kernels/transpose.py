"""Kernels of transpose; u8 and bool move as s8 does."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel


def _gathered(p) -> bool:
    """Whether rows of y are apart in x, and long enough to pay."""
    return p.extent5 >= 8 and 1 < p.stride5 <= 9362


KERNELS: tuple[Kernel, ...] = (
    *(
        Kernel(
            "bc_transpose_s8_mve",
            "transpose",
            (dtype, dtype),
            needs=frozenset({"mve"}),
            when=_gathered,
            requires="rows of 8 or more that are apart in the input, by at most 9362",
            copy_bytes=150,
            copy_gain=0.5,
        )
        for dtype in (DType.S8, DType.U8, DType.BOOL)
    ),
    Kernel("bc_transpose_s8_c", "transpose", (DType.S8, DType.S8), copy_bytes=40),
    Kernel("bc_transpose_s8_c", "transpose", (DType.U8, DType.U8), copy_bytes=40),
    Kernel("bc_transpose_s8_c", "transpose", (DType.BOOL, DType.BOOL), copy_bytes=40),
    Kernel("bc_transpose_s16_c", "transpose", (DType.S16, DType.S16), copy_bytes=40),
    Kernel("bc_transpose_f32_c", "transpose", (DType.F32, DType.F32), copy_bytes=40),
    Kernel("bc_transpose_s32_c", "transpose", (DType.S32, DType.S32), copy_bytes=40),
    Kernel("bc_transpose_s64_c", "transpose", (DType.S64, DType.S64), copy_bytes=40),
)
