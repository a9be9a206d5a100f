"""Kernels of rescale: requantisation beyond 8 bits, and slopes of 16-bit numbers."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel

_PAIRS = (
    (DType.S16, DType.S16),
    (DType.S16, DType.S8),
    (DType.S8, DType.S16),
    (DType.S16, DType.S32),
    (DType.S32, DType.S16),
    (DType.S8, DType.S32),
    (DType.S32, DType.S8),
)


def _in_place(x: DType, y: DType):
    """Either lies in the first bytes of the other, or the last: element by element, reads stay ahead of writes."""
    return lambda p: min(x.bytes, y.bytes) * p.size


KERNELS: tuple[Kernel, ...] = tuple(
    Kernel(f"bc_rescale_{x.value}_{y.value}_c", "rescale", (x, y), overlap=_in_place(x, y)) for x, y in _PAIRS
)
