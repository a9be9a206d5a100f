"""Kernels of matmul_integer (contract: runtime_c/kernels/matmul_integer/matmul_integer.h)."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

KERNELS: tuple[Kernel, ...] = (Kernel("bc_matmul_integer_s8_c", "matmul_integer", (DType.S8, DType.S32)),)
