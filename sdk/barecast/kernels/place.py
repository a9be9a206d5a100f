"""Kernels of place, the parts of a concat: bytes of any type."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

KERNELS: tuple[Kernel, ...] = tuple(Kernel("bc_place_s8_c", "place", (dtype, dtype), copy_bytes=20) for dtype in DType)
