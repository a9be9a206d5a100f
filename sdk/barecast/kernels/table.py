"""Kernels of table: any function of one 8-bit number."""

from __future__ import annotations

from itertools import product

from barecast.graph import DType
from barecast.schedule import Kernel

_TYPES = tuple(product((DType.S8, DType.U8), (DType.S8, DType.U8, DType.BOOL)))

_SYMBOLS = (
    ("bc_table_s8_mve", frozenset({"mve"}), 40),
    ("bc_table_s8_dsp", frozenset({"dsp"}), 80),
    ("bc_table_s8_c", frozenset(), 30),
)

KERNELS: tuple[Kernel, ...] = tuple(
    Kernel(symbol, "table", dtypes, needs=needs, overlap=lambda p: p.size, copy_bytes=size, copy_gain=0.0)
    for symbol, needs, size in _SYMBOLS
    for dtypes in _TYPES
)
