"""Kernels of svdf (contract: runtime_c/kernels/svdf/svdf.h), best first."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

KERNELS = (
    Kernel("bc_svdf_s8_c", "svdf", (DType.S8, DType.S8)),
    Kernel("bc_svdf_f32_c", "svdf", (DType.F32, DType.F32)),
)
