"""Kernels of rsqrt: inverse square roots of 16 bits."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

KERNELS: tuple[Kernel, ...] = (
    Kernel("bc_rsqrt_s16_c", "rsqrt", (DType.S16, DType.S16), overlap=lambda p: 2 * p.size),
)
