"""Kernels of transpose_conv2d (contract: runtime_c/kernels/transpose_conv2d/transpose_conv2d.h), best first."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

KERNELS = (
    Kernel("bc_transpose_conv2d_s8_c", "transpose_conv2d", (DType.S8, DType.S8)),
    Kernel("bc_transpose_conv2d_s16_c", "transpose_conv2d", (DType.S16, DType.S16)),
    Kernel("bc_transpose_conv2d_f32_c", "transpose_conv2d", (DType.F32, DType.F32)),
)
