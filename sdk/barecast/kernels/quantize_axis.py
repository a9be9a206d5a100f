"""Kernels of quantize with a scale per slice of an axis."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel


def _in_place(p) -> int:
    return p.outer * p.extent * p.inner


KERNELS: tuple[Kernel, ...] = (
    Kernel("bc_quantize_axis_s8_c", "quantize_axis", (DType.F32, DType.S8), overlap=_in_place),
    Kernel("bc_quantize_axis_u8_c", "quantize_axis", (DType.F32, DType.U8), overlap=_in_place),
)
