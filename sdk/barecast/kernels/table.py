"""Kernels of table: any function of one 8-bit number."""

from __future__ import annotations

from itertools import product

from barecast.graph import DType
from barecast.schedule import Kernel

KERNELS: tuple[Kernel, ...] = tuple(
    Kernel("bc_table_s8_c", "table", dtypes, overlap=lambda p: p.size, copy_bytes=30)
    for dtypes in product((DType.S8, DType.U8), (DType.S8, DType.U8, DType.BOOL))
)
