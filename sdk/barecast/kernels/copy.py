"""Kernels of copy: bytes of any type."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

KERNELS: tuple[Kernel, ...] = tuple(Kernel("bc_copy_s8_c", "copy", (dtype, dtype), copy_bytes=10) for dtype in DType)
