"""Kernels of gather; u8 moves as s8 does."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

KERNELS: tuple[Kernel, ...] = (
    Kernel("bc_gather_s8_c", "gather", (DType.S8, DType.S8)),
    Kernel("bc_gather_s8_c", "gather", (DType.U8, DType.U8)),
    Kernel("bc_gather_f32_c", "gather", (DType.F32, DType.F32)),
    Kernel("bc_gather_s32_c", "gather", (DType.S32, DType.S32)),
)
