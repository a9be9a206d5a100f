"""cumsum: running sums along one axis.

int8 is TensorFlow Lite's arithmetic: sums with 19 more bits that begin at -x_zero (which counts x_zero once more than
its share), in int32, and rescaled. Its ADD_N is the last such sum over stacked inputs (`total`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from barecast.errors import ModelError, UnsupportedError
from barecast.graph import Call, TensorType
from barecast.numerics import fixed_point
from barecast.ops.accumulate import TIES
from barecast.ops.base import Op
from barecast.ops.table import per_tensor
from barecast.schedule import Buffer, Lowered

FINE_BITS = 19


@dataclass(frozen=True)
class Cumsum:
    """axis: non-negative. exclusive: without the element itself. reverse: from the end.

    total: the last sum only; the axis has extent 1 then.
    """

    axis: int
    exclusive: bool = False
    reverse: bool = False
    total: bool = False


@dataclass(frozen=True)
class CumsumParams:
    """As in cumsum.h."""

    outer: int
    n: int
    inner: int
    exclusive: int
    reverse: int
    total: int
    x_zero: int
    y_zero: int
    y_min: int
    y_max: int
    mult: int
    shift: int
    ties: int


def infer(attrs: Cumsum, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    shape = inputs[0].shape
    if not 0 <= attrs.axis < len(shape):
        raise ModelError(f"axis {attrs.axis} does not exist in {list(shape)}", remedy="check the model's axis")
    return (tuple(1 if attrs.total and a == attrs.axis else d for a, d in enumerate(shape)),)


def _factor(call: Call) -> tuple[int, int]:
    """(multiplier, shift) from the fine sums to steps of y: below 1."""
    if not call.rule.is_tflite:
        raise UnsupportedError("there is no rule for running sums of quantised numbers", remedy="compute it in float32")
    scale_x = float(np.float32(per_tensor(call.inputs[0].type, "the input").scale[0]))
    scale_y = float(np.float32(per_tensor(call.outputs[0].type, "the output").scale[0]))
    factor = 2 * scale_x / (2.0 ** (FINE_BITS + 1) * scale_y)
    if not 0 < factor < 1:
        raise ModelError(f"quantisation scales give the factor {factor:g}", remedy="quantise the model with sane scales")
    multiplier, exponent = fixed_point.quantize_multiplier(factor)
    return multiplier, 31 - exponent


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    attrs, x, y = call.attrs, arrays[0], call.outputs[0].type
    rows = np.moveaxis(x, attrs.axis, 0)
    rows = rows[::-1] if attrs.reverse else rows
    if y.dtype.is_float:
        with np.errstate(over="ignore", invalid="ignore"):
            sums = np.cumsum(rows, axis=0, dtype=np.float64).astype(np.float32)
        start = np.zeros_like(sums[:1])
    else:
        zero = per_tensor(call.inputs[0].type, "the input").zero_point[0]
        fine = (rows.astype(np.int64) - zero) << FINE_BITS
        start = np.full_like(fine[:1], -zero << FINE_BITS)
        sums = fixed_point.wrapped(start + np.cumsum(fine, axis=0))
    if attrs.exclusive:
        sums = np.concatenate([start, sums[:-1]])
    if not y.dtype.is_float:
        sums = fixed_point.multiply(sums, *_factor(call), TIES[call.rule]) + y.quant.zero_point[0]
        sums = np.clip(sums, *y.dtype.limits).astype(y.dtype.numpy)
    sums = sums[-1:] if attrs.total else sums[::-1] if attrs.reverse else sums
    return (np.ascontiguousarray(np.moveaxis(sums, 0, attrs.axis)),)


def lower(call: Call) -> Lowered:
    """Call order: x, y."""
    (x,), (y,), attrs = call.inputs, call.outputs, call.attrs
    shape, axis = x.type.shape, attrs.axis
    how = (
        math.prod(shape[:axis]), shape[axis], math.prod(shape[axis + 1 :]),
        int(attrs.exclusive), int(attrs.reverse), int(attrs.total),
    )  # fmt: skip
    rule = (0,) * 7
    if not y.type.dtype.is_float:
        factor = _factor(call)
        rule = (*x.type.quant.zero_point, *y.type.quant.zero_point, *y.type.dtype.limits, *factor, TIES[call.rule])
    return Lowered(CumsumParams(*how, *rule), (Buffer(x.name), Buffer(y.name, written=True)))


def title(call: Call) -> str:
    return f"{'Sum' if call.attrs.total else 'Cumsum'} over {call.inputs[0].type.shape[call.attrs.axis]}"


OP = Op("cumsum", Cumsum, infer, execute, lower, CumsumParams, title)
