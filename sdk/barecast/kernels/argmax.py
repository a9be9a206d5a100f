"""Kernels of argmax."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

KERNELS: tuple[Kernel, ...] = (
    Kernel("bc_argmax_s8_c", "argmax", (DType.S8, DType.S32)),
    Kernel("bc_argmax_f32_c", "argmax", (DType.F32, DType.S32)),
)
