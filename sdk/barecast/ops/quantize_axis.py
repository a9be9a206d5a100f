"""quantize_axis: quantize with a scale per slice of one axis. A kernel family, not an operator of the graph."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from barecast.graph import Quant, Tensor
from barecast.schedule import Buffer, Const, Lowered


@dataclass(frozen=True)
class QuantizeAxisParams:
    """As in quantize_axis.h: x is [outer, extent, inner], with a scale and a zero point for each of `extent`."""

    outer: int
    extent: int
    inner: int


PARAMS = QuantizeAxisParams


def axis_arguments(shape: tuple[int, ...], quant: Quant) -> tuple[tuple[int, int, int], Const, Const]:
    """(outer, extent, inner), scales as float32 and zero points as int32 for a shape quantised along quant.axis."""
    axis = quant.axis
    split = (math.prod(shape[:axis]), shape[axis], math.prod(shape[axis + 1 :]))
    return (
        split,
        Const("operand", np.array(quant.scale, np.float32)),
        Const("operand", np.array(quant.zero_point, np.int32)),
    )


def quantize_axis(x: Tensor, y: Tensor) -> Lowered:
    """Call order: x, scales, zero points, y."""
    split, scales, zeros = axis_arguments(y.type.shape, y.type.quant)
    args = (Buffer(x.name), scales, zeros, Buffer(y.name, written=True))
    return Lowered(QuantizeAxisParams(*split), args, op="quantize_axis")
