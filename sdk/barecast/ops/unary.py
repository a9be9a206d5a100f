"""unary: one number in, one out. For 8-bit types a table of 256 entries, computed offline; for int16 slopes
(ops/rescale.py), interpolation (ops/sigmoid.py) and a fixed-point root (ops/rsqrt.py)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barecast.errors import ModelError, UnsupportedError
from barecast.graph import Call, DType, TensorType
from barecast.ops import rescale, rsqrt, sigmoid, tflite_tables
from barecast.ops.accumulate import clamp_words, float_bounds
from barecast.ops.base import Op
from barecast.ops.by_rows import ByRows, elements
from barecast.ops.clamp import Clamp
from barecast.ops.functions import FUNCTIONS, KINDS, TITLES
from barecast.ops.table import byte_table, call_table, look_up
from barecast.schedule import Buffer, Lowered


@dataclass(frozen=True)
class Unary:
    """kind: "clamp" (Relu, Relu6, Clip: `activation` alone), or one of FUNCTIONS (then `activation`).

    alpha, beta: constants of the function, see ops/functions.py.
    """

    kind: str
    activation: Clamp = Clamp()
    alpha: float = 0.0
    beta: float = 0.0


@dataclass(frozen=True)
class UnaryParams:
    """As in unary.h. kind: an index into KINDS; integers only clamp here."""

    by_rows: ClassVar[ByRows] = elements()

    size: int
    kind: int
    y_min: int
    y_max: int
    y_min_f: float
    y_max_f: float
    alpha: float
    beta: float


def infer(attrs: Unary, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    if attrs.kind not in FUNCTIONS:
        raise ModelError(f"unary kind {attrs.kind} is not known", remedy=f"one of {', '.join(FUNCTIONS)} is meant")
    return (inputs[0].shape,)


def real_function(attrs: Unary, x: np.ndarray) -> np.ndarray:
    """The operator on real numbers, float32 in and out. NaN stays NaN."""
    activation = attrs.activation
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        y = FUNCTIONS[attrs.kind](x, np.float32(attrs.alpha), np.float32(attrs.beta))
    return np.clip(y, np.float32(activation.low), np.float32(activation.high))


def keeps_quant(call: Call) -> bool:
    """A clamp whose input and output share dtype and quantisation: bounds on the integers do, no table is needed."""
    x, y = call.inputs[0].type, call.outputs[0].type
    return call.attrs.kind == "clamp" and (x.dtype, x.quant) == (y.dtype, y.quant)


def table(call: Call) -> np.ndarray:
    """256 entries of the output's type, indexed by the byte of the input."""
    x, y, kind = call.inputs[0].type, call.outputs[0].type, call.attrs.kind
    if call.rule.is_tflite:
        if kind == "clamp":
            return tflite_tables.requantize(x, y, call.rule, call.attrs.activation)
        if kind == "leaky_relu":
            raw = tflite_tables.leaky_relu(x, y, call.rule, call.attrs.alpha)
        elif kind in tflite_tables.FUNCTIONS:
            raw = tflite_tables.FUNCTIONS[kind](x, y, call.rule)
        else:
            raise UnsupportedError(f"TensorFlow Lite has no {kind} of 8 bits", remedy="compute it in float32")
        return np.clip(raw, *call.attrs.activation.quantized(y, call.rule))
    return byte_table(lambda real: real_function(call.attrs, real), call.inputs[0].type, call.outputs[0].type)


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    (x,) = arrays
    type = call.outputs[0].type
    if type.dtype.is_float:
        return (real_function(call.attrs, x.astype(np.float32)).astype(type.dtype.numpy),)
    if keeps_quant(call):
        low, high = call.attrs.activation.quantized(type, call.rule)
        return (np.clip(x, low, high).astype(x.dtype),)
    if type.dtype is DType.S16:
        if call.attrs.kind in ("sigmoid", "tanh"):
            return (sigmoid.execute(sigmoid.params(call), x),)
        if call.attrs.kind == "rsqrt":
            return (rsqrt.execute(rsqrt.params(call.inputs[0].type, type, call.rule), x),)
        return (rescale.execute(rescale.of_unary(call), x, type.dtype),)
    return (look_up(table(call), x),)


def lower(call: Call) -> Lowered:
    """Call order: x, y; or that of the kernel families `table`, `rescale`, `rsqrt` and `sigmoid`."""
    (x,), (y,) = call.inputs, call.outputs
    if y.type.dtype is DType.S16 and not keeps_quant(call):
        if call.attrs.kind in ("sigmoid", "tanh"):
            return sigmoid.lowered(sigmoid.params(call), x, y)
        if call.attrs.kind == "rsqrt":
            return rsqrt.lowered(rsqrt.params(x.type, y.type, call.rule), x, y)
        return rescale.lowered(rescale.of_unary(call), x, y)
    if not y.type.dtype.is_float and not keeps_quant(call):
        return call_table(table(call), x, y)
    activation = call.attrs.activation
    low, high = activation.quantized(y.type, call.rule) if y.type.quant is not None else (0, 0)
    bounds = float_bounds(activation) if y.type.dtype.is_float else (0.0, 0.0)
    params = UnaryParams(y.type.size, KINDS.index(call.attrs.kind), low, high, *bounds, call.attrs.alpha, call.attrs.beta)
    return Lowered(params, (Buffer(x.name), Buffer(y.name, written=True)))


def title(call: Call) -> str:
    name, clamp = TITLES[call.attrs.kind], clamp_words(call.attrs.activation)
    return name + clamp if name else clamp.removeprefix(" + ").capitalize() or "Identity"


OP = Op("unary", Unary, infer, execute, lower, UnaryParams, title)
