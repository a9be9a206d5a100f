"""Kernels of resize_linear (contract: runtime_c/kernels/resize_linear/resize_linear.h), best first."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

KERNELS = (
    Kernel("bc_resize_linear_s8_c", "resize_linear", (DType.S8, DType.S8)),
    Kernel("bc_resize_linear_f32_c", "resize_linear", (DType.F32, DType.F32)),
)
