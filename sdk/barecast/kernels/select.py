"""Kernels of select: by the size of an element; the condition is the first operand."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

_NAMES = {
    DType.S8: "s8",
    DType.U8: "s8",
    DType.BOOL: "s8",
    DType.S16: "s16",
    DType.F32: "f32",
    DType.S32: "s32",
    DType.S64: "s64",
}

KERNELS: tuple[Kernel, ...] = tuple(
    Kernel(f"bc_select_{name}_c", "select", (DType.BOOL, dtype)) for dtype, name in _NAMES.items()
)
