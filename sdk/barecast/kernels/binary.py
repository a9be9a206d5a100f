"""Kernels of binary."""

from __future__ import annotations

from barecast import fixed_point
from barecast.graph import DType
from barecast.layouts import dsp
from barecast.ops.binary import LINEAR
from barecast.ops.broadcast import in_place
from barecast.schedule import Kernel


def _flat_sum(p) -> bool:
    """A sum or difference of two whole tensors, in arithmetic that bc_binary_s8_dsp has."""
    flat = max(p.extent0, p.extent1, p.extent2, p.extent3) == 1 and p.a_stride4 == p.b_stride4 == 1
    if not flat or p.kind == LINEAR["mul"]:
        return False
    if p.ties == fixed_point.TFLITE:
        return min(p.a_shift, p.b_shift) >= 31 and 32 <= p.shift <= 31 + dsp.MOST_RIGHT
    return p.ties == 0 and not p.wide


def _sum_in_lanes(p) -> bool:
    """A sum or difference of operands that are contiguous in the innermost loop, as bc_binary_s8_mve has it."""
    if p.kind == LINEAR["mul"] or p.extent4 == 1 or not p.a_stride4 == p.b_stride4 == 1:
        return False
    if p.ties == fixed_point.TFLITE:
        return min(p.a_shift, p.b_shift, p.shift) >= 31
    return p.ties == 0 and not p.wide


KERNELS: tuple[Kernel, ...] = (
    Kernel(
        "bc_binary_s8_mve",
        "binary",
        (DType.S8, DType.S8),
        needs=frozenset({"mve"}),
        when=_sum_in_lanes,
        requires="sums and differences of operands contiguous in the innermost loop, without ties to even",
        overlap=lambda p: in_place(p, 1),
    ),
    Kernel(
        "bc_binary_s8_dsp",
        "binary",
        (DType.S8, DType.S8),
        needs=frozenset({"dsp"}),
        when=_flat_sum,
        requires="sums and differences of two tensors of one shape, without ties to even",
        overlap=lambda p: in_place(p, 1),
    ),
    Kernel("bc_binary_s8_c", "binary", (DType.S8, DType.S8), overlap=lambda p: in_place(p, 1)),
    Kernel("bc_binary_s16_c", "binary", (DType.S16, DType.S16), overlap=lambda p: in_place(p, 2)),
    Kernel("bc_binary_f32_c", "binary", (DType.F32, DType.F32), overlap=lambda p: in_place(p, 4)),
)
