"""log_softmax: the logarithm of a softmax along one axis. int8 is TensorFlow Lite's arithmetic."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from barecast.errors import ModelError, UnsupportedError
from barecast.graph import Call, TensorType
from barecast.numerics import fixed_point
from barecast.ops import tflite_softmax
from barecast.ops.base import Op
from barecast.ops.table import per_tensor
from barecast.schedule import Buffer, Const, Lowered

EXTENT_MAX = 4095
"""Elements of a row of bytes: the sum of their exponentials has 12 integer bits."""

STEP_SHIFT = 22
"""From 26 fraction bits to the output's 4."""


@dataclass(frozen=True)
class LogSoftmax:
    """axis: non-negative."""

    axis: int


@dataclass(frozen=True)
class LogSoftmaxParams:
    """As in log_softmax.h."""

    outer: int
    extent: int
    inner: int
    mult: int
    shift: int
    back_mult: int
    back_shift: int
    least: int


def infer(attrs: LogSoftmax, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    shape = inputs[0].shape
    if not 0 <= attrs.axis < len(shape):
        raise ModelError(f"axis {attrs.axis} does not exist in {list(shape)}", remedy="check the model's axis")
    return (shape,)


def _numbers(call: Call) -> tuple[int, int, int, int, int]:
    """mult, shift, back_mult, back_shift and least."""
    if not call.rule.is_tflite:
        raise UnsupportedError("there is no rule for logarithms of quantised rows", remedy="compute it in float32")
    quant = per_tensor(call.outputs[0].type, "the output")
    if (quant.scale, quant.zero_point) != ((1 / 16,), (127,)):
        raise ModelError("the output must have the scale 1/16 and the zero point 127", remedy="convert the model again")
    if call.inputs[0].type.shape[call.attrs.axis] > EXTENT_MAX:
        raise UnsupportedError(f"rows have more than {EXTENT_MAX} elements", remedy="compute it in float32")
    multiplier, left = tflite_softmax.scaling(per_tensor(call.inputs[0].type, "the input").scale[0])
    back, exponent = fixed_point.quantize_multiplier(2.0 ** (31 - left) / multiplier)
    least = -fixed_point.input_radius(tflite_softmax.INTEGER_BITS, left) - 1
    return multiplier, 31 - left, back, 31 - exponent, least


def _execute_integers(call: Call, x: np.ndarray) -> np.ndarray:
    axis, twice = call.attrs.axis, fixed_point.TFLITE
    multiplier, shift, back, back_shift, least = _numbers(call)
    table = tflite_softmax.exponentials(per_tensor(call.inputs[0].type, "the input").scale[0]).astype(np.int64)
    wide = x.astype(np.int64)
    difference = wide - wide.max(axis=axis, keepdims=True)
    terms = fixed_point.divide_by_power(table[-difference], tflite_softmax.SUM_BITS)
    log_sum = fixed_point.log_above_one(terms.sum(axis=axis, keepdims=True))
    least = np.maximum(least, fixed_point.multiply(log_sum - 2**31, back, back_shift, twice))
    fine = fixed_point.multiply(np.where(difference > least, difference, 0), multiplier, shift, twice) - log_sum
    steps = fixed_point.divide_by_power(fine, STEP_SHIFT) + 127
    return np.where(difference > least, np.clip(steps, -128, 127), -128).astype(np.int8)


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    (x,), axis = arrays, call.attrs.axis
    if not call.outputs[0].type.dtype.is_float:
        return (_execute_integers(call, x),)
    wide = x.astype(np.float64)
    with np.errstate(invalid="ignore"):
        moved = wide - wide.max(axis=axis, keepdims=True)
        return ((moved - np.log(np.exp(moved).sum(axis=axis, keepdims=True))).astype(np.float32),)


def lower(call: Call) -> Lowered:
    """Call order: x, table of exponentials (8 bits), y."""
    (x,), (y,), axis = call.inputs, call.outputs, call.attrs.axis
    shape = x.type.shape
    rows = (math.prod(shape[:axis]), shape[axis], math.prod(shape[axis + 1 :]))
    args = Buffer(x.name), Buffer(y.name, written=True)
    if y.type.dtype.is_float:
        return Lowered(LogSoftmaxParams(*rows, 0, 0, 0, 0, 0), args)
    table = tflite_softmax.exponentials(per_tensor(x.type, "the input").scale[0])
    return Lowered(LogSoftmaxParams(*rows, *_numbers(call)), (args[0], Const("table", table), args[1]))


def title(call: Call) -> str:
    return f"LogSoftmax over {call.inputs[0].type.shape[call.attrs.axis]}"


OP = Op("log_softmax", LogSoftmax, infer, execute, lower, LogSoftmaxParams, title)
