"""l2norm: rows along one axis divided by their Euclidean length."""

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


@dataclass(frozen=True)
class L2norm:
    """axis: non-negative. epsilon: the least length that floats are divided by."""

    axis: int
    epsilon: float = 0.0


@dataclass(frozen=True)
class L2normParams:
    """As in l2norm.h."""

    outer: int
    n: int
    inner: int
    x_zero: int
    ties: int
    epsilon: float


ROW_MAX = 33025
"""Elements of a row: the sum of so many squares of bytes fits 31 bits."""

STEP_BITS = 7
"""The int8 output is in steps of 2**-7, around 0."""


def infer(attrs: L2norm, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    shape = inputs[0].shape
    if not 0 <= attrs.axis < len(shape):
        raise ModelError(f"axis {attrs.axis} does not exist in {list(shape)}", remedy="check the model's axis")
    return (shape,)


def _check(call: Call) -> None:
    if not call.rule.is_tflite:
        raise UnsupportedError("there is no rule for lengths of quantised rows", remedy="compute it in float32")
    quant = per_tensor(call.outputs[0].type, "the output")
    if quant.zero_point != (0,) or not math.isclose(quant.scale[0], 2.0**-STEP_BITS, rel_tol=1e-3):
        raise ModelError("the output must have the scale 1/128 and the zero point 0", remedy="convert the model again")
    if call.inputs[0].type.shape[call.attrs.axis] > ROW_MAX:
        raise UnsupportedError(f"rows have more than {ROW_MAX} elements", remedy="compute it in float32")


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    (x,), attrs, type = arrays, call.attrs, call.outputs[0].type
    if type.dtype.is_float:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            total = np.square(x, dtype=np.float64).sum(axis=attrs.axis, keepdims=True).astype(np.float32)
            return (x / np.maximum(np.sqrt(total), np.float32(attrs.epsilon)),)
    _check(call)
    value = x.astype(np.int64) - per_tensor(call.inputs[0].type, "the input").zero_point[0]
    inverse, exponent = fixed_point.inverse_sqrt((value * value).sum(axis=attrs.axis, keepdims=True))
    steps = fixed_point.multiply(value, inverse, 31 - (exponent + STEP_BITS), TIES[call.rule])
    return (np.clip(steps, *type.dtype.limits).astype(type.dtype.numpy),)


def lower(call: Call) -> Lowered:
    """Call order: x, y."""
    (x,), (y,), axis = call.inputs, call.outputs, call.attrs.axis
    shape, rule = x.type.shape, (0, 0)
    if not y.type.dtype.is_float:
        _check(call)
        rule = (per_tensor(x.type, "the input").zero_point[0], TIES[call.rule])
    epsilon = float(np.float32(call.attrs.epsilon))
    params = L2normParams(math.prod(shape[:axis]), shape[axis], math.prod(shape[axis + 1 :]), *rule, epsilon)
    return Lowered(params, (Buffer(x.name), Buffer(y.name, written=True)))


def title(call: Call) -> str:
    return f"L2 normalisation over {call.inputs[0].type.shape[call.attrs.axis]}"


OP = Op("l2norm", L2norm, infer, execute, lower, L2normParams, title)
