"""Kernels of dense (contract: runtime_c/kernels/dense/dense.h), best first."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

S8 = (DType.S8, DType.S8)
S16 = (DType.S16, DType.S16)
F32 = (DType.F32, DType.F32)

KERNELS = (
    Kernel("bc_dense_s8_c", "dense", S8),
    Kernel("bc_dense_s16_c", "dense", S16),
    Kernel("bc_dense_f32_c", "dense", F32),
)
