"""Kernels of sigmoid: logistic and tanh of 16 bits."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

KERNELS: tuple[Kernel, ...] = (
    Kernel("bc_sigmoid_s16_c", "sigmoid", (DType.S16, DType.S16), overlap=lambda p: 2 * p.size),
)
