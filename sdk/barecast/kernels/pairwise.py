"""Kernels of pairwise."""

from __future__ import annotations

from barecast.graph import DType
from barecast.ops.broadcast import in_place
from barecast.schedule import Kernel


def _kernel(dtype: DType) -> Kernel:
    """y may be written over an operand that is not broadcast."""
    return Kernel(
        f"bc_pairwise_{dtype.value}_c",
        "pairwise",
        (dtype, dtype),
        overlap=lambda p: in_place(p, dtype.bytes),
    )


KERNELS: tuple[Kernel, ...] = tuple(
    _kernel(d) for d in (DType.S8, DType.S16, DType.F32, DType.S32, DType.S64, DType.BOOL)
)
