"""lstm: a layer of long short-term memory over a sequence, one direction, without peepholes and projection.

x [T, B, I] (time_major) or [B, T, I], weights [4, U, I], recurrent weights [4, U, U], bias [2, 4, U] (of either),
hidden [B, U], cell [B, U] -> y [T, B, U] or [B, T, U], hidden after, cell after. Gates in the order input, forget,
cell, output. Integers: the weights int8 quantised along the gates and without zero points, the cell int16 with a
power of two as scale and no zero point; x, y and hidden int8 with a bias of int32, or int16 without zero points with a
bias of int64 (either 0 for the recurrent weights).
The states after may lie in the bytes of those before.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from barecast.errors import ModelError, UnsupportedError
from barecast.graph import Call, DType, TensorType
from barecast.numerics import curves16, fixed_point
from barecast.ops import accumulate
from barecast.ops.base import Op
from barecast.schedule import Buffer, Const, Lowered

GATES = 4
INPUT, FORGET, CELL, OUTPUT = range(GATES)

GATE_SCALE, FUNCTION_SCALE = 2.0**-12, 2.0**-15
"""The steps of a gate before its function and behind it."""


NO_CLIP = 2**15


@dataclass(frozen=True)
class Lstm:
    """time_major: time is the first axis. cell_sigmoid: the cell gate's function is no tanh. cell_clip: 0 is none."""

    time_major: bool = True
    cell_sigmoid: bool = False
    cell_clip: float = 0.0


@dataclass(frozen=True)
class LstmParams:
    """bc_lstm_params (runtime_c/kernels/lstm/lstm.h), field by field."""

    batch: int
    steps: int
    in_c: int
    units: int
    time_major: int
    cell_sigmoid: int
    h_zero: int
    acc_wide: int
    cell_clip: int
    tanh_mult: int
    tanh_shift: int
    ties: int
    cell_clip_f: float


def infer(attrs: Lstm, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    x, weights, recurrent, bias, hidden, cell = inputs
    if len(x.shape) != 3 or len(weights.shape) != 3 or min((*x.shape, *weights.shape)) < 1:
        raise ModelError(
            f"an input of {list(x.shape)} with weights {list(weights.shape)}", remedy="export the model again"
        )
    first, second, in_c = x.shape
    batch, units = (second if attrs.time_major else first), weights.shape[1]
    wanted = {
        "weights": (weights, (GATES, units, in_c)),
        "recurrent weights": (recurrent, (GATES, units, units)),
        "bias": (bias, (2, GATES, units)),
        "hidden state": (hidden, (batch, units)),
        "cell state": (cell, (batch, units)),
    }
    for what, (type, shape) in wanted.items():
        if type.shape != shape:
            raise ModelError(f"the {what} is {list(type.shape)}, not {list(shape)}", remedy="export the model again")
    return (first, second, units), hidden.shape, cell.shape


@dataclass(frozen=True, eq=False)
class _Integers:
    """What the integers are scaled by. gates, back: one factor a gate; keep, add: to the cell; hidden: to h."""

    gates: fixed_point.TfliteRequant
    back: fixed_point.TfliteRequant
    keep: fixed_point.TfliteRequant
    add: fixed_point.TfliteRequant
    hidden: fixed_point.TfliteRequant
    cell_bits: int
    cell_clip: int

    @property
    def table(self) -> np.ndarray:
        """The array `factors` of the kernels."""
        every = (self.gates, self.back, self.keep, self.add, self.hidden)
        return np.concatenate([*(f.multiplier for f in every), *(f.shifts for f in every)]).astype(np.int32)


def _integers(call: Call) -> _Integers:
    x, weights, recurrent, _, hidden, cell = (t.type for t in call.inputs)
    if not call.rule.is_tflite:
        raise UnsupportedError("integers without TensorFlow Lite's arithmetic", remedy="leave the layer in float32")
    if cell.dtype is not DType.S16 or cell.quant is None or any(cell.quant.zero_point):
        raise UnsupportedError("the cell state is no int16 without zero point", remedy="convert the model for TFLM")
    for type in (weights, recurrent):
        if type.quant is None or any(type.quant.zero_point):
            raise UnsupportedError("weights with a zero point", remedy="quantise the weights symmetrically")
    wide = x.dtype is DType.S16
    if wide and any(accumulate.zero_point(type) for type in (x, hidden)):
        raise UnsupportedError("int16 with a zero point", remedy="quantise int16 activations symmetrically")
    if call.outputs[0].type.quant != hidden.quant:
        raise ModelError("the output and the hidden state have different scales", remedy="export the model again")
    scale_c = float(accumulate.scale_of(cell, "cell state")[0])
    bits = -round(math.log2(scale_c))
    if not 0 <= bits <= 15:
        raise UnsupportedError(f"the cell state has the scale {scale_c:g}", remedy="use 2**-15 to 1")

    def factor(values: np.ndarray | float, wide: bool = False) -> fixed_point.TfliteRequant:
        return accumulate.tflite_requant(np.atleast_1d(values), call.rule, wide)

    def gates(a: TensorType, b: TensorType) -> fixed_point.TfliteRequant:
        scales = (accumulate.scale_of(t, what).astype(np.float64) for t, what in ((a, "input"), (b, "weights")))
        return factor(np.broadcast_to(math.prod(scales) / GATE_SCALE, (GATES,)), wide)

    scale_h = float(accumulate.scale_of(hidden, "hidden state")[0])
    clip = int(min(float(np.float32(call.attrs.cell_clip)) / scale_c, 32767)) if call.attrs.cell_clip > 0 else NO_CLIP
    return _Integers(
        gates(x, weights),
        gates(hidden, recurrent),
        factor(FUNCTION_SCALE),
        factor(FUNCTION_SCALE * FUNCTION_SCALE / scale_c),
        factor(FUNCTION_SCALE * FUNCTION_SCALE / scale_h),
        bits,
        clip,
    )


def _rows(call: Call, x: np.ndarray) -> np.ndarray:
    """x with time as its first axis, or y from there."""
    return x if call.attrs.time_major else x.swapaxes(0, 1)


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    x, weights, recurrent, bias, hidden, cell = arrays
    is_integer = accumulate.is_integer(call.inputs[0].type)
    step = _IntegerSteps(call, bias) if is_integer else _FloatSteps(call, bias)
    ahead = np.einsum("tbi,gui->tgbu", _wide(call, 0, _rows(call, x)), _wide(call, 1, weights))
    back = _wide(call, 2, recurrent)
    rows = []
    with np.errstate(over="ignore", invalid="ignore"):
        for now in ahead:
            hidden, cell = step(now, np.einsum("bv,guv->gbu", _wide(call, 4, hidden), back), cell)
            rows.append(hidden)
    return np.ascontiguousarray(_rows(call, np.stack(rows))), hidden, cell


def _wide(call: Call, place: int, array: np.ndarray) -> np.ndarray:
    return accumulate.centred(array, call.inputs[place].type)


class _FloatSteps:
    """(sums over x [4, B, U], sums over h, cell) -> (new h, new cell), in float64 between steps' float32."""

    def __init__(self, call: Call, bias: np.ndarray):
        self.attrs, self.bias = call.attrs, bias.astype(np.float64).sum(axis=0)[:, None, :]

    def __call__(self, now: np.ndarray, back: np.ndarray, cell: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        a = now + back + self.bias
        gate = [1 / (1 + np.exp(-v)) for v in a]
        fresh = gate[CELL] if self.attrs.cell_sigmoid else np.tanh(a[CELL])
        cell = gate[FORGET] * cell + gate[INPUT] * fresh
        if self.attrs.cell_clip > 0:
            cell = np.clip(cell, -np.float32(self.attrs.cell_clip), np.float32(self.attrs.cell_clip))
        cell = cell.astype(np.float32)
        return (gate[OUTPUT] * np.tanh(cell.astype(np.float64))).astype(np.float32), cell


class _IntegerSteps:
    """The same on integers, exactly as the kernel."""

    def __init__(self, call: Call, bias: np.ndarray):
        self.attrs, self.bias, self.scales = call.attrs, bias.astype(np.int64)[:, :, None, :], _integers(call)
        self.hidden = call.inputs[4].type

    def __call__(self, now: np.ndarray, back: np.ndarray, cell: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        s = self.scales
        ahead, behind = (
            _clamped(np.moveaxis(factor.apply(np.moveaxis(total.astype(np.int64) + bias, 0, -1)), -1, 0))
            for factor, total, bias in ((s.gates, now, self.bias[0]), (s.back, back, self.bias[1]))
        )
        a = _clamped(ahead + behind)
        gate = [curves16.logistic(v).astype(np.int64) for v in a]
        fresh = gate[CELL] if self.attrs.cell_sigmoid else curves16.tanh(a[CELL]).astype(np.int64)
        kept, added = s.keep.apply(gate[FORGET] * cell.astype(np.int64)), s.add.apply(gate[INPUT] * fresh)
        cell = np.clip(_clamped(_clamped(kept) + _clamped(added)), -s.cell_clip, s.cell_clip)
        h = s.hidden.apply(gate[OUTPUT] * curves16.tanh(cell, s.cell_bits).astype(np.int64))
        h = np.clip(h + accumulate.zero_point(self.hidden), *self.hidden.dtype.limits)
        return h.astype(self.hidden.dtype.numpy), cell.astype(np.int16)


def _clamped(value: np.ndarray) -> np.ndarray:
    return np.clip(value, -32768, 32767)


def _folded_bias(call: Call) -> np.ndarray:
    """The biases with the zero points of x and h folded in, int32; ModelError if a sum might leave int32."""
    x, weights, recurrent, bias, hidden, _ = call.inputs
    parts = []
    for tensor, factors, given in zip((x, hidden), (weights, recurrent), bias.data, strict=True):
        w = accumulate.constant(factors, "weights").astype(np.int64)
        part = given.astype(np.int64) - accumulate.zero_point(tensor.type) * w.sum(axis=2)
        if int((np.abs(w).sum(axis=2) * 128 + np.abs(part)).max()) > accumulate.INT32_MAX:
            raise ModelError("an accumulator may leave 32 bits", remedy="quantise the weights with a larger scale")
        parts.append(part)
    return np.stack(parts).astype(np.int32)


def _bias_16(call: Call) -> tuple[np.ndarray, bool]:
    """For int16: the biases of the input's weights, int64, and whether sums of products may leave int32.

    ModelError if an accumulator might reach 2**47.
    """
    _, weights, recurrent, bias, _, _ = call.inputs
    given = accumulate.constant(bias, "biases").astype(np.int64)
    if given[1].any():
        raise UnsupportedError("a bias of the recurrent weights", remedy="add it to the other bias")
    most = 0
    for factors, part in zip((weights, recurrent), given, strict=True):
        products = np.abs(accumulate.constant(factors, "weights").astype(np.int64)).sum(axis=2) << 15
        if max(int(p) + abs(int(b)) for p, b in zip(products.flat, part.flat, strict=True)) >= fixed_point.WIDE_MAX:
            raise ModelError("an accumulator may leave 48 bits", remedy="quantise the weights with a larger scale")
        most = max(most, int(products.max()))
    return given[0], most > accumulate.INT32_MAX


def lower(call: Call) -> Lowered:
    """Call order: x, weights, recurrent weights, bias, [factors, table,] hidden, cell, y, hidden after, cell after."""
    x, weights, recurrent, bias, hidden, cell = call.inputs
    batch, units = hidden.type.shape
    steps = x.type.shape[0 if call.attrs.time_major else 1]
    constants = [Const("weights", accumulate.constant(w, "weights")) for w in (weights, recurrent)]
    integers = _integers(call) if accumulate.is_integer(x.type) else None
    acc_wide = False
    if integers:
        biases, acc_wide = _bias_16(call) if x.type.dtype is DType.S16 else (_folded_bias(call), False)
        constants.append(Const("bias", biases))
        constants += [Const("multiplier", integers.table), Const("table", curves16.table())]
    else:
        constants.append(Const("bias", accumulate.constant(bias, "biases")))
    tanh_mult, tanh_shift = curves16.tanh_factor(integers.cell_bits) if integers else (0, 0)
    params = LstmParams(
        batch,
        steps,
        x.type.shape[2],
        units,
        int(call.attrs.time_major),
        int(call.attrs.cell_sigmoid),
        accumulate.zero_point(hidden.type) if integers else 0,
        int(acc_wide),
        integers.cell_clip if integers else 0,
        tanh_mult,
        tanh_shift,
        integers.keep.ties if integers else 0,
        0.0 if integers else max(float(np.float32(call.attrs.cell_clip)), 0.0),
    )
    written = (Buffer(tensor.name, written=True) for tensor in call.outputs)
    args = (Buffer(x.name), *constants, Buffer(hidden.name), Buffer(cell.name), *written)
    return Lowered(params, args, steps * batch * GATES * units * (x.type.shape[2] + units))


def title(call: Call) -> str:
    _, units, in_c = call.inputs[1].type.shape
    return f"LSTM, {in_c} inputs to {units} units, {call.inputs[0].type.shape[0 if call.attrs.time_major else 1]} steps"


OP = Op("lstm", Lstm, infer, execute, lower, LstmParams, title, updates=((4, 1), (5, 2)))
