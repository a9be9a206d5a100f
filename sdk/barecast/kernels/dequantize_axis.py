"""Kernels of dequantize with a scale per slice of an axis."""

from __future__ import annotations

from barecast.graph import DType
from barecast.schedule import Kernel


def _in_place(p) -> int:
    return p.outer * p.extent * p.inner


KERNELS: tuple[Kernel, ...] = (
    Kernel("bc_dequantize_axis_s8_c", "dequantize_axis", (DType.S8, DType.F32), overlap=_in_place),
    Kernel("bc_dequantize_axis_u8_c", "dequantize_axis", (DType.U8, DType.F32), overlap=_in_place),
    Kernel("bc_dequantize_axis_s32_c", "dequantize_axis", (DType.S32, DType.F32)),
)
