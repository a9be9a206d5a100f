"""Kernels of unary; functions of integers other than a clamp are families of their own (table, rescale, rsqrt, sigmoid)."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

KERNELS: tuple[Kernel, ...] = (
    Kernel("bc_unary_s8_c", "unary", (DType.S8, DType.S8), overlap=lambda p: p.size, copy_bytes=20),
    Kernel("bc_unary_u8_c", "unary", (DType.U8, DType.U8), overlap=lambda p: p.size, copy_bytes=20),
    Kernel("bc_unary_s16_c", "unary", (DType.S16, DType.S16), overlap=lambda p: 2 * p.size, copy_bytes=20),
    Kernel("bc_unary_f32_c", "unary", (DType.F32, DType.F32), overlap=lambda p: 4 * p.size, copy_bytes=20),
)
