"""Kernels of dequantize with one scale. x may lie in the last bytes of y: reads stay ahead of writes."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

KERNELS: tuple[Kernel, ...] = (
    Kernel(
        "bc_dequantize_s8_neon",
        "dequantize",
        (DType.S8, DType.F32),
        needs=frozenset({"a64", "neon"}),
        overlap=lambda p: p.size,
        copy_bytes=150,
        copy_gain=0,
    ),
    Kernel("bc_dequantize_s8_c", "dequantize", (DType.S8, DType.F32), overlap=lambda p: p.size, copy_bytes=150),
    Kernel("bc_dequantize_u8_c", "dequantize", (DType.U8, DType.F32), overlap=lambda p: p.size),
    Kernel("bc_dequantize_s16_c", "dequantize", (DType.S16, DType.F32), overlap=lambda p: 2 * p.size),
    Kernel("bc_dequantize_s32_c", "dequantize", (DType.S32, DType.F32)),
)
