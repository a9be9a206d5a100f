"""Kernels of conv2d_integer (contract: runtime_c/kernels/conv2d_integer/conv2d_integer.h)."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

KERNELS: tuple[Kernel, ...] = (Kernel("bc_conv2d_integer_s8_c", "conv2d_integer", (DType.S8, DType.S32)),)
