"""Kernels of compare."""

from __future__ import annotations

from barecast.graph import DType
from barecast.ops.broadcast import in_place
from barecast.schedule import Kernel

KERNELS: tuple[Kernel, ...] = tuple(
    Kernel(
        f"bc_compare_{dtype.value}_c",
        "compare",
        (dtype, DType.BOOL),
        overlap=lambda p: in_place(p, 1),
    )
    for dtype in (DType.S8, DType.F32, DType.S32, DType.S64, DType.BOOL)
)
