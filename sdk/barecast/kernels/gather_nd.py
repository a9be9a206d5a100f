"""Kernels of gather_nd; u8 moves as s8 does."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

KERNELS: tuple[Kernel, ...] = (
    Kernel("bc_gather_nd_s8_c", "gather_nd", (DType.S8, DType.S8)),
    Kernel("bc_gather_nd_s8_c", "gather_nd", (DType.U8, DType.U8)),
    Kernel("bc_gather_nd_f32_c", "gather_nd", (DType.F32, DType.F32)),
)
