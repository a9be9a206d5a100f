"""Kernels of requantize: s8 to u8 and back by flipping sign bits; anything else is a table (kernels/table.py)."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

KERNELS: tuple[Kernel, ...] = tuple(
    Kernel("bc_requantize_s8_c", "requantize", dtypes, overlap=lambda p: p.size)
    for dtypes in ((DType.U8, DType.S8), (DType.S8, DType.U8))
)
