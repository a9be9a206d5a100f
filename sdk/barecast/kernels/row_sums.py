"""Kernels of row_sums (contract: runtime_c/kernels/row_sums/row_sums.h)."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

KERNELS = (Kernel("bc_row_sums_s8_c", "row_sums", (DType.S8, DType.S32), copy_bytes=60),)
