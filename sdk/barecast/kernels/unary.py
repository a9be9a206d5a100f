"""Kernels of unary; functions of 8-bit numbers other than a clamp are tables (kernels/table.py)."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

KERNELS: tuple[Kernel, ...] = (
    Kernel("bc_unary_s8_c", "unary", (DType.S8, DType.S8), overlap=lambda p: p.size),
    Kernel("bc_unary_u8_c", "unary", (DType.U8, DType.U8), overlap=lambda p: p.size),
    Kernel("bc_unary_f32_c", "unary", (DType.F32, DType.F32), overlap=lambda p: 4 * p.size),
)
