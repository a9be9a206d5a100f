"""Kernels of aggregate."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

KERNELS: tuple[Kernel, ...] = (
    Kernel("bc_aggregate_s8_c", "aggregate", (DType.S8, DType.S8)),
    Kernel("bc_aggregate_f32_c", "aggregate", (DType.F32, DType.F32)),
    Kernel("bc_aggregate_bool_c", "aggregate", (DType.BOOL, DType.BOOL)),
)
