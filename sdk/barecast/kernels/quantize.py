"""Kernels of quantize with one scale."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

KERNELS: tuple[Kernel, ...] = (
    Kernel(
        "bc_quantize_s8_neon",
        "quantize",
        (DType.F32, DType.S8),
        needs=frozenset({"a64", "neon"}),
        overlap=lambda p: p.size,
        copy_bytes=300,
        copy_gain=0,
    ),
    Kernel("bc_quantize_s8_c", "quantize", (DType.F32, DType.S8), overlap=lambda p: p.size, copy_bytes=150),
    Kernel("bc_quantize_s16_c", "quantize", (DType.F32, DType.S16), overlap=lambda p: 2 * p.size),
    Kernel("bc_quantize_u8_c", "quantize", (DType.F32, DType.U8), overlap=lambda p: p.size),
)
