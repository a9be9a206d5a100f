"""Kernels of cast: one for each type to cast from."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

_TYPES = (DType.F32, DType.S8, DType.S16, DType.S32, DType.BOOL)

KERNELS: tuple[Kernel, ...] = tuple(
    Kernel(f"bc_cast_{before.value}_c", "cast", (before, after), copy_bytes=60) for before in _TYPES for after in _TYPES
)
