"""softmax along one axis."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from barecast import numerics
from barecast.errors import ModelError
from barecast.graph import Call, DType, TensorType
from barecast.ops import tflite_softmax, tflite_softmax16
from barecast.ops.accumulate import TIES
from barecast.ops.base import Op
from barecast.ops.table import per_tensor
from barecast.schedule import Buffer, Const, Lowered

DENOMINATOR_BITS = 32
"""The sum of a row's exponentials stays below 2**32."""


@dataclass(frozen=True)
class Softmax:
    """axis: non-negative. beta: what the numbers are multiplied by first, positive.

    fused: as in ops/fused.py; those kernels take 1 / scale of y for a whole number.
    """

    axis: int
    beta: float = 1.0
    fused: str = ""


@dataclass(frozen=True)
class SoftmaxParams:
    """As in softmax.h: `outer` times `inner` rows of `extent` elements that lie `inner` apart."""

    outer: int
    extent: int
    inner: int
    mult: int
    shift: int
    y_zero: int
    y_min: int
    y_max: int
    ties: int
    beta: float


def infer(attrs: Softmax, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    shape = inputs[0].shape
    if not 0 <= attrs.axis < len(shape):
        raise ModelError(f"axis {attrs.axis} does not exist in {list(shape)}", remedy="check the model's axis attribute")
    if not 0 < attrs.beta < math.inf:
        raise ModelError(f"beta is {attrs.beta:g}", remedy="give it a positive number")
    return (shape,)


def _scale(call: Call) -> float:
    """Of the exponents: the input's scale times beta, both float32, in float64."""
    return per_tensor(call.inputs[0].type, "the input").scale[0] * float(np.float32(call.attrs.beta))


def exponentials(scale: float, extent: int) -> np.ndarray:
    """t[d] = round(exp(-d * scale) * 2**k) as int32, d = 0..255: the terms of a row, relative to its maximum.

    k is the largest (at most 30) at which `extent` terms sum to less than 2**32.
    """
    k = min(30, (((1 << DENOMINATOR_BITS) - 1) // max(extent, 1)).bit_length() - 1)
    return np.rint(np.exp(-np.arange(256) * np.float64(np.float32(scale))) * 2.0**k).astype(np.int32)


def inverse_scale(scale: float, fused: str = "") -> tuple[int, int]:
    """(multiplier, bits): 1 / scale = multiplier / 2**bits, multiplier < 2**31, 0 <= bits <= 30.

    The inverse is float32's, as in a float division: half of 1 is no half of a step then where scale = 1 / 255.
    fused: the inverse is rounded down to an integer, 254 for 1 / 255.
    """
    with np.errstate(over="ignore"):
        exact = min(float(np.float32(1) / np.float32(scale)), 2.0**31)
    exact = math.floor(exact) if fused else exact
    for bits in range(30, -1, -1):
        multiplier = round(exact * 2**bits)
        if multiplier < 2**31:
            return multiplier, bits
    return 2**31 - 1, 0


def _execute_integers(call: Call, x: np.ndarray) -> np.ndarray:
    xt, yt = call.inputs[0].type, call.outputs[0].type
    axis = call.attrs.axis
    if xt.dtype is DType.S16:
        steps = tflite_softmax16.execute(x, _scale(call), axis, call.rule)
        return numerics.saturate(steps, 0, *yt.dtype.limits, yt.dtype.numpy)
    if call.rule.is_tflite:
        steps = tflite_softmax.execute(x, _scale(call), axis, 8 * yt.dtype.bytes)
        return numerics.saturate(steps, yt.quant.zero_point[0], *yt.dtype.limits, yt.dtype.numpy)
    table = exponentials(_scale(call), xt.shape[axis]).astype(np.uint64)
    multiplier, bits = inverse_scale(per_tensor(yt, "the output").scale[0], call.attrs.fused)
    wide = x.astype(np.int32)
    terms = table[wide.max(axis=axis, keepdims=True) - wide]
    factor = np.uint64(multiplier << 32) // terms.sum(axis=axis, keepdims=True, dtype=np.uint64)
    product = terms * factor  # below 2**63, with the half added perhaps not
    steps = ((product + np.uint64(1 << (31 + bits))) >> np.uint64(32 + bits)).astype(np.int64)
    product = product.astype(np.int64)
    halves = numerics.is_half(product, 32 + bits)
    steps = np.where(halves, numerics.round_float_product(product, 32 + bits), steps)
    return numerics.saturate(steps, yt.quant.zero_point[0], *yt.dtype.limits, yt.dtype.numpy)


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    (x,) = arrays
    axis, dtype = call.attrs.axis, call.outputs[0].type.dtype
    if x.size == 0:
        return (np.zeros(x.shape, dtype.numpy),)
    if not dtype.is_float:
        return (_execute_integers(call, x),)
    wide = x.astype(np.float64)
    with np.errstate(invalid="ignore"):
        powers = np.exp((wide - wide.max(axis=axis, keepdims=True)) * np.float64(np.float32(call.attrs.beta)))
        return ((powers / powers.sum(axis=axis, keepdims=True)).astype(dtype.numpy),)


def lower(call: Call) -> Lowered:
    """Call order: x, table of exponentials (8 bits) or tables (int16), y."""
    (x,), (y,), axis = call.inputs, call.outputs, call.attrs.axis
    shape = x.type.shape
    outer = math.prod(shape[:axis]) if x.type.size else 0
    rows = (outer, shape[axis], math.prod(shape[axis + 1 :]))
    args = Buffer(x.name), Buffer(y.name, written=True)
    if y.type.dtype.is_float:
        return Lowered(SoftmaxParams(*rows, 0, 0, 0, 0, 0, 0, float(np.float32(call.attrs.beta))), args)
    scale, quant = _scale(call), per_tensor(y.type, "the output")
    if x.type.dtype is DType.S16:
        tflite_softmax16.check_extent(shape[axis])
        found = tflite_softmax16.factor(scale, call.rule)
        numbers = int(found.multiplier[0]), found.shift
        params = SoftmaxParams(*rows, *numbers, 0, *y.type.dtype.limits, TIES[call.rule], 1.0)
        return Lowered(params, (args[0], Const("table", tflite_softmax16.tables()), args[1]))
    if call.rule.is_tflite:
        numbers = tflite_softmax.scaling(scale)
        params = SoftmaxParams(*rows, *numbers, quant.zero_point[0], *y.type.dtype.limits, TIES[call.rule], 1.0)
        return Lowered(params, (args[0], Const("table", tflite_softmax.exponentials(scale)), args[1]))
    table = exponentials(scale, shape[axis])
    multiplier, bits = inverse_scale(quant.scale[0], call.attrs.fused)
    params = SoftmaxParams(*rows, multiplier, bits + 32, quant.zero_point[0], *y.type.dtype.limits, 1, 1.0)
    return Lowered(params, (args[0], Const("table", table), args[1]))


def title(call: Call) -> str:
    return f"Softmax over {call.inputs[0].type.shape[call.attrs.axis]}"


OP = Op("softmax", Softmax, infer, execute, lower, SoftmaxParams, title)
