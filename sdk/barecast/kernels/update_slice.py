"""Kernels of update_slice: bytes of any type."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

KERNELS: tuple[Kernel, ...] = tuple(Kernel("bc_update_slice_s8_c", "update_slice", (dtype, dtype)) for dtype in DType)
