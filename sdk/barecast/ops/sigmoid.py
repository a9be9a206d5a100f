"""sigmoid: the logistic function and tanh of int16 by interpolation. A kernel family, not an operator of the graph.

The kinds sigmoid and tanh of `unary` lower to it under TensorFlow Lite's rules (docs/numerics.md). Source of the
definition: TFLM's reference kernels of both.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barecast.errors import UnsupportedError
from barecast.graph import Call, Tensor
from barecast.numerics import curves16
from barecast.ops.by_rows import ByRows, elements
from barecast.schedule import Buffer, Const, Lowered

MULTIPLIER_MAX = 32767


@dataclass(frozen=True)
class SigmoidParams:
    """As in sigmoid.h."""

    by_rows: ClassVar[ByRows] = elements()

    size: int
    is_tanh: int
    mult: int
    shift: int


PARAMS = SigmoidParams


def params(call: Call) -> SigmoidParams:
    """mult / 2**shift = scale of x in units of 1 / UNIT, with 14 to 15 bits; powers of two near 2**-12 exactly."""
    x, is_tanh = call.inputs[0].type, call.attrs.kind == "tanh"
    scale = float(np.float32(x.quant.scale[0]))
    log = math.log2(scale)
    power = round(log)
    if abs(log - power) < 1e-3 and 0 <= power + 12 <= int(is_tanh):
        return SigmoidParams(x.size, int(is_tanh), 3 << (power + 12), 0)
    factor, shift = scale * curves16.UNIT, 0
    while factor <= MULTIPLIER_MAX / 2 and shift <= 30:
        factor, shift = factor * 2, shift + 1
    if factor >= MULTIPLIER_MAX + 1:
        raise UnsupportedError(
            f"the input's scale is {scale:g}, and int16 allows up to {MULTIPLIER_MAX / curves16.UNIT:.3g} here",
            remedy="quantise the model with sane scales: beyond 11 the function is constant",
        )
    return SigmoidParams(x.size, int(is_tanh), int(factor), shift)


def execute(found: SigmoidParams, x: np.ndarray) -> np.ndarray:
    """The twin of the sigmoid kernels."""
    moved = (x.astype(np.int64) * found.mult + ((1 << found.shift) >> 1)) >> found.shift
    return (curves16.tanh_of if found.is_tanh else curves16.logistic_of)(moved)


def lowered(found: SigmoidParams, x: Tensor, y: Tensor) -> Lowered:
    """Call order: x, table, y."""
    args = (Buffer(x.name), Const("table", curves16.table()), Buffer(y.name, written=True))
    return Lowered(found, args, op="sigmoid")
