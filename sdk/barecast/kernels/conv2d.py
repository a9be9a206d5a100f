"""Kernels of conv2d (contract: runtime_c/kernels/conv2d/conv2d.h), best first."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

S8 = (DType.S8, DType.S8)
F32 = (DType.F32, DType.F32)

KERNELS = (
    Kernel("bc_conv2d_s8_c", "conv2d", S8),
    Kernel("bc_conv2d_f32_c", "conv2d", F32),
)
