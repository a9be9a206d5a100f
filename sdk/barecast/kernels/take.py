"""Kernels of take; u8 moves as s8 does."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

KERNELS: tuple[Kernel, ...] = (
    Kernel("bc_take_s8_c", "take", (DType.S8, DType.S8), copy_bytes=40),
    Kernel("bc_take_s8_c", "take", (DType.U8, DType.U8), copy_bytes=40),
    Kernel("bc_take_s16_c", "take", (DType.S16, DType.S16), copy_bytes=40),
    Kernel("bc_take_f32_c", "take", (DType.F32, DType.F32), copy_bytes=40),
)
