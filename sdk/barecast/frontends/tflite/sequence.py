"""Layers that remember: SVDF and UNIDIRECTIONAL_SEQUENCE_LSTM. Their variable tensors are states of the graph."""

from __future__ import annotations

import numpy as np
import tflite

from barecast import ops
from barecast.errors import ModelError, UnsupportedError
from barecast.frontends.tflite.attributes import activation
from barecast.frontends.tflite.scope import Scope
from barecast.graph import DType, Quant, TensorType
from barecast.ops.clamp import Clamp
from barecast.ops.lstm import GATES, Lstm
from barecast.ops.svdf import Svdf

NUMBERS = (DType.F32, DType.S8)
WIDE_NUMBERS = (*NUMBERS, DType.S16)

BIASES = {DType.F32: np.float32, DType.S8: np.int32, DType.S16: np.int64}
"""What TFLM reads beside activations of a type."""


def svdf(scope: Scope) -> str:
    """TFLM ignores the fused activation in integers: the output's range is what bounds it."""
    options = scope.options("SVDFOptions", required=True)
    x = scope.tensor(0, *NUMBERS)
    is_float = scope.type(x).dtype is DType.F32
    scope.constant(1, "the feature weights")
    scope.constant(2, "the time weights")
    features = scope.tensor(1, DType.F32 if is_float else DType.S8)
    time = scope.tensor(2, *((DType.F32,) if is_float else (DType.S8, DType.S16)))
    bias = None if scope.foreign(3) is None else _biases(scope, 3, scope.type(x).dtype)
    before = _state(scope, 4, scope.type(time).dtype)
    attrs = Svdf(options.Rank(), activation(options) if is_float else Clamp())
    y, after = _layer(scope, "svdf", attrs, (x, features, time, bias, before), scope.output_type().quant)
    scope.assign(4, after)
    return scope.viewed(y, scope.output_type())


def lstm(scope: Scope) -> str:
    """Four gates of which the file holds each tensor apart; the layer has them as one."""
    options = scope.options("UnidirectionalSequenceLSTMOptions", required=True)
    for places, what in (((9, 10, 11), "peepholes"), ((16, 17), "a projection"), ((20, 21, 22, 23), "normalised gates")):
        if any(scope.foreign(place) is not None for place in places):
            raise UnsupportedError(f"has {what}, which TFLM does not support", remedy="use a plain LSTM")
    if options.FusedActivationFunction() != tflite.ActivationFunctionType.TANH:
        raise UnsupportedError("has another activation than tanh", remedy="use tanh")
    x = scope.tensor(0, *WIDE_NUMBERS)
    dtype = scope.type(x).dtype
    is_float = dtype is DType.F32
    if dtype is DType.S16:
        scope.check_symmetric()
    hidden = _state(scope, 18, dtype)
    cell = _state(scope, 19, DType.F32 if is_float else DType.S16)
    weights, recurrent = (_gates(scope, range(first, first + GATES), is_float) for first in (1, 5))
    units = scope.type(weights).shape[1]
    each = [scope.data(_biases(scope, place, dtype)) for place in range(12, 16)]
    if any(b.shape != (units,) for b in each):
        raise ModelError(f"biases of {[b.size for b in each]} for {units} units", remedy="export the model again")
    biases = np.stack(each)
    bias = scope.builder.constant(f"t{scope.operator.inputs[12]}/gates", np.stack([biases, np.zeros_like(biases)]))
    rows = scope.type(x).shape
    if len(rows) != 3:
        raise ModelError(f"the input is {list(rows)}", remedy="export the model again")
    state = (rows[1 if options.TimeMajor() else 0], units)
    if any(scope.type(t).size != state[0] * state[1] for t in (hidden, cell)):
        raise ModelError(f"the states do not hold {state[0]} x {state[1]} numbers", remedy="export the model again")
    attrs = Lstm(bool(options.TimeMajor()), cell_clip=max(float(options.CellClip()), 0.0))
    inputs = (x, weights, recurrent, bias, scope.shaped(hidden, state), scope.shaped(cell, state))
    y, *after = _layer(scope, "lstm", attrs, inputs, scope.type(hidden).quant)
    for place, tensor in zip((18, 19), after, strict=True):
        scope.assign(place, tensor)
    return scope.viewed(y, scope.output_type())


def _state(scope: Scope, place: int, dtype: DType) -> str:
    """The present value of the variable tensor at an input's place."""
    foreign = scope.foreign(place)
    if foreign is None or not foreign.is_variable:
        raise ModelError(f"input {place} is no variable", remedy="export the model again")
    scope.check_type(foreign, (dtype,))
    if dtype is not DType.F32 and foreign.quant is None:
        raise ModelError(f"the state at input {place} has no scale", remedy="quantise the model completely")
    return scope.variable(place)


def _layer(
    scope: Scope, op: str, attrs: Svdf | Lstm, inputs: tuple[str | None, ...], quant: Quant | None
) -> tuple[str, ...]:
    """The node: its output, of that quantisation, and the new value of each state (the last inputs)."""
    shapes = ops.get(op).infer(attrs, tuple(None if n is None else scope.type(n) for n in inputs))
    states = inputs[len(inputs) - len(shapes) + 1 :]
    types = [TensorType(scope.type(inputs[0]).dtype, shapes[0], quant), *(scope.type(s) for s in states)]
    outputs = tuple(scope.builder.tensor(f"t{scope.operator.outputs[0]}/{op}{i}", t) for i, t in enumerate(types))
    scope.builder.add(op, attrs, inputs, outputs, (scope.operator.shown,))
    return outputs


def _gates(scope: Scope, places: range, is_float: bool) -> str:
    """The gates' weights as one constant, quantised along its first axis."""
    arrays, scales, zeros = [], [], []
    for place in places:
        array, foreign = scope.constant(place, "the weights"), scope.foreign(place)
        scope.check_type(foreign, (DType.F32 if is_float else DType.S8,))
        if array.ndim != 2 or (arrays and array.shape != arrays[0].shape):
            raise ModelError(f"the weights of a gate are {list(array.shape)}", remedy="export the model again")
        if not is_float and not foreign.quant.per_tensor:
            raise UnsupportedError("has weights quantised per axis", remedy="quantise them per tensor")
        arrays.append(array)
        scales += [] if is_float else foreign.quant.scale
        zeros += [] if is_float else foreign.quant.zero_point
    quant = None if is_float else Quant(tuple(scales), tuple(zeros), 0)
    return scope.builder.constant(f"t{scope.operator.inputs[places[0]]}/gates", np.stack(arrays), quant)


def _biases(scope: Scope, place: int, dtype: DType) -> str:
    """A bias as a constant without quantisation. dtype: that of the activations."""
    value = scope.constant(place, "the bias")
    wanted = np.dtype(BIASES[dtype])
    if value.dtype != wanted or value.ndim != 1:
        raise UnsupportedError(f"has a bias of {value.dtype} {list(value.shape)}", remedy=f"use a vector of {wanted}")
    return scope.builder.constant(f"t{scope.operator.inputs[place]}", value)


IMPORTERS = {"SVDF": svdf, "UNIDIRECTIONAL_SEQUENCE_LSTM": lstm}
