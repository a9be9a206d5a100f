"""Kernels of matmul (contract: runtime_c/kernels/matmul/matmul.h), best first."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

S8 = (DType.S8, DType.S8)
S16 = (DType.S16, DType.S16)
F32 = (DType.F32, DType.F32)

KERNELS = (
    Kernel("bc_matmul_s8_c", "matmul", S8),
    Kernel("bc_matmul_s16_c", "matmul", S16),
    Kernel("bc_matmul_f32_c", "matmul", F32),
)
