"""dequantize_axis: dequantize with a scale per slice of one axis. A kernel family, not an operator of the graph."""

from __future__ import annotations

from dataclasses import dataclass

from barecast.graph import Tensor
from barecast.ops.quantize_axis import axis_arguments
from barecast.schedule import Buffer, Lowered


@dataclass(frozen=True)
class DequantizeAxisParams:
    """As in dequantize_axis.h: x is [outer, extent, inner], with a scale and a zero point for each of `extent`."""

    outer: int
    extent: int
    inner: int


PARAMS = DequantizeAxisParams


def dequantize_axis(x: Tensor, y: Tensor) -> Lowered:
    """Call order: x, scales, zero points, y."""
    split, scales, zeros = axis_arguments(x.type.shape, x.type.quant)
    args = (Buffer(x.name), scales, zeros, Buffer(y.name, written=True))
    return Lowered(DequantizeAxisParams(*split), args, op="dequantize_axis")
