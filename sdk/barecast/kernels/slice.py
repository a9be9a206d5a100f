"""Kernels of slice; u8 and bool move as s8 does."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

KERNELS: tuple[Kernel, ...] = (
    Kernel("bc_slice_s8_c", "slice", (DType.S8, DType.S8), copy_bytes=20),
    Kernel("bc_slice_s8_c", "slice", (DType.U8, DType.U8), copy_bytes=20),
    Kernel("bc_slice_s8_c", "slice", (DType.BOOL, DType.BOOL), copy_bytes=20),
    Kernel("bc_slice_s16_c", "slice", (DType.S16, DType.S16), copy_bytes=20),
    Kernel("bc_slice_f32_c", "slice", (DType.F32, DType.F32), copy_bytes=20),
    Kernel("bc_slice_s32_c", "slice", (DType.S32, DType.S32), copy_bytes=20),
    Kernel("bc_slice_s64_c", "slice", (DType.S64, DType.S64), copy_bytes=20),
)
