"""rescale: linear functions of one integer of 16 bits (or to or from them). A kernel family, not an operator.

Requantize, and Relu, leaky Relu and abs of `unary`, lower to it under TensorFlow Lite's rules; what starts and ends
with 8 bits is a table instead. Source of the factors: TFLM's kernels of these names.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from barecast.errors import UnsupportedError
from barecast.graph import Call, DType, Quant, Tensor, TensorType
from barecast.numerics import fixed_point
from barecast.ops.accumulate import tflite_requant
from barecast.ops.by_rows import ByRows, elements
from barecast.ops.table import describe
from barecast.schedule import Buffer, Lowered

INTEGERS = (DType.S8, DType.S16, DType.S32)


@dataclass(frozen=True)
class RescaleParams:
    """As in rescale.h."""

    by_rows: ClassVar[ByRows] = elements()

    size: int
    x_zero: int
    y_zero: int
    y_min: int
    y_max: int
    mult: int
    shift: int
    below_mult: int
    below_shift: int
    below: int
    ties: int


PARAMS = RescaleParams
SLOPES, TURNED, ABSOLUTE = range(3)
"""What becomes of numbers below zero: BC_RESCALE_..."""


def is_rescale(x: TensorType, y: TensorType) -> bool:
    """Whether a function of one integer has more than 8 bits on a side."""
    return not x.dtype.is_float and max(x.dtype.bytes, y.dtype.bytes) > 1


def of_requantize(call: Call) -> RescaleParams:
    """From x's steps to y's: a quotient of the scales in float64."""
    x, y = (_quant(t.type) for t in (*call.inputs, *call.outputs))
    return _params(call, x.scale[0] / y.scale[0])


def of_unary(call: Call) -> RescaleParams:
    """clamp, leaky_relu or abs: products and quotients in float64."""
    x, y = (_quant(t.type).scale[0] for t in (*call.inputs, *call.outputs))
    kind, slope = call.attrs.kind, x / y
    if kind == "leaky_relu":
        alpha = float(np.float32(call.attrs.alpha))
        return replace(_params(call, slope, abs(x * alpha / y)), below=TURNED if alpha < 0 else SLOPES)
    if kind not in ("clamp", "abs"):
        raise UnsupportedError(f"TensorFlow Lite has no {kind} of 16 bits", remedy="compute it in float32 or int8")
    return replace(_params(call, slope), below=ABSOLUTE if kind == "abs" else SLOPES)


def execute(params: RescaleParams, x: np.ndarray, dtype: DType) -> np.ndarray:
    """The twin of the rescale kernels."""
    value = fixed_point.wrapped(x.astype(np.int64) - params.x_zero)
    above = fixed_point.multiply(np.abs(value), params.mult, params.shift, params.ties)
    below = fixed_point.multiply(np.minimum(value, 0), params.below_mult, params.below_shift, params.ties)
    below = (below, -below, above)[params.below]
    steps = np.where(value < 0, below, above)
    return np.clip(steps + params.y_zero, params.y_min, params.y_max).astype(dtype.numpy)


def lowered(params: RescaleParams, x: Tensor, y: Tensor) -> Lowered:
    """Call order: x, y."""
    return Lowered(params, (Buffer(x.name), Buffer(y.name, written=True)), op="rescale")


def _params(call: Call, slope: float, below: float | None = None) -> RescaleParams:
    x, y = call.inputs[0].type, call.outputs[0].type
    factors = np.array([slope, slope if below is None else below])
    found = tflite_requant(factors, call.rule)
    activation = getattr(call.attrs, "activation", None)
    low, high = y.dtype.limits if activation is None else activation.quantized(y, call.rule)
    multipliers, shifts = ([int(v) for v in values] for values in (found.multiplier, found.shifts))
    return RescaleParams(
        size=x.size,
        x_zero=_quant(x).zero_point[0],
        y_zero=_quant(y).zero_point[0],
        y_min=low,
        y_max=high,
        mult=multipliers[0],
        shift=shifts[0],
        below_mult=multipliers[1],
        below_shift=shifts[1],
        below=SLOPES,
        ties=found.ties,
    )


def _quant(type: TensorType) -> Quant:
    if type.dtype not in INTEGERS or type.quant is None or not type.quant.per_tensor:
        raise UnsupportedError(
            f"a tensor is {describe(type)}, and only s8, s16 and s32 with one scale are supported here",
            remedy="quantise it per tensor",
        )
    if type.dtype is DType.S32 and type.quant.zero_point[0] != 0:
        raise UnsupportedError("an int32 tensor has a zero point", remedy="quantise it symmetrically")
    return type.quant
