"""Kernels of pad; u8 moves as s8 does."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

KERNELS: tuple[Kernel, ...] = (
    Kernel("bc_pad_s8_c", "pad", (DType.S8, DType.S8), copy_bytes=40),
    Kernel("bc_pad_s8_c", "pad", (DType.U8, DType.U8), copy_bytes=40),
    Kernel("bc_pad_s16_c", "pad", (DType.S16, DType.S16), copy_bytes=40),
    Kernel("bc_pad_f32_c", "pad", (DType.F32, DType.F32), copy_bytes=40),
    Kernel("bc_pad_s32_c", "pad", (DType.S32, DType.S32), copy_bytes=40),
)
