"""svdf: a dense layer over the last inputs, of low rank, with the features that it remembers as a state.

x [B, I], feature weights [F, I], time weights [F, M], bias [F / rank] or absent, before [B, F * M]
-> y [B, F / rank], after [B, F * M]. Integers: x and y int8, the states and the time weights both int8 or both int16,
weights without zero points. The state after may lie in the bytes of the state before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barecast.errors import ModelError, UnsupportedError
from barecast.graph import Call, DType, TensorType
from barecast.numerics import fixed_point
from barecast.ops import accumulate
from barecast.ops.base import Op
from barecast.ops.clamp import Clamp
from barecast.schedule import Buffer, Const, Lowered


@dataclass(frozen=True)
class Svdf:
    """rank: filters that one output adds up."""

    rank: int
    activation: Clamp = Clamp()


@dataclass(frozen=True)
class SvdfParams:
    """bc_svdf_params (runtime_c/kernels/svdf/svdf.h), field by field."""

    batch: int
    in_c: int
    filters: int
    rank: int
    memory: int
    wide: int
    x_zero: int
    state_zero: int
    feature_mult: int
    feature_shift: int
    mult: int
    y_zero: int
    y_min: int
    y_max: int
    shift: int
    ties: int
    y_min_f: float
    y_max_f: float


def infer(attrs: Svdf, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    x, features, time, bias, before = inputs
    if any(len(t.shape) != 2 for t in (x, features, time, before)):
        raise ModelError("an input, weights or state of other than two axes", remedy="export the model again")
    (batch, in_c), (filters, memory) = x.shape, time.shape
    fits = attrs.rank > 0 and filters % attrs.rank == 0 and features.shape == (filters, in_c)
    if not fits or before.shape != (batch, filters * memory) or min(batch, in_c, filters, memory) < 1:
        raise ModelError(
            f"weights {list(features.shape)} and {list(time.shape)} of rank {attrs.rank} and a state of "
            f"{list(before.shape)} do not fit an input of {list(x.shape)}",
            remedy="export the model again",
        )
    accumulate.check_bias(bias, filters // attrs.rank)
    return (batch, filters // attrs.rank), before.shape


def _factors(call: Call) -> tuple[fixed_point.TfliteRequant, fixed_point.TfliteRequant]:
    """Sums over the input to the state's steps, and sums over the state to the output's."""
    if not call.rule.is_tflite:
        raise UnsupportedError("integers without TensorFlow Lite's arithmetic", remedy="leave the layer in float32")
    x, features, time, _, before = (t.type if t else None for t in call.inputs)
    y = call.outputs[0].type
    for type, what in ((features, "feature weights"), (time, "time weights"), (x, "input"), (before, "state")):
        if len(accumulate.scale_of(type, what)) != 1:
            raise UnsupportedError(f"{what} quantised per axis", remedy="quantise them per tensor")
    for type, what in ((features, "feature weights"), (time, "time weights")):
        if accumulate.zero_point(type):
            raise UnsupportedError(f"{what} with a zero point", remedy="quantise the weights symmetrically")
    from_x, from_features, from_time, state, to_y = (
        accumulate.scale_of(type, what).astype(np.float64)
        for type, what in ((x, "input"), (features, "weights"), (time, "weights"), (before, "state"), (y, "output"))
    )
    first = accumulate.tflite_requant(from_x * from_features / state, call.rule)
    return first, accumulate.tflite_requant(state * from_time / to_y, call.rule)


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    x, features, time, bias, before = arrays
    type, state = call.inputs[0].type, call.inputs[4].type
    (filters, memory), batch = time.shape, x.shape[0]
    older = before.reshape(batch, filters, memory)[:, :, 1:]
    with np.errstate(over="ignore", invalid="ignore"):
        acc = accumulate.centred(x, type) @ accumulate.centred(features, call.inputs[1].type).T
    if accumulate.is_integer(type):
        to_state, to_output = _factors(call)
        low, high = state.dtype.limits
        newest = np.clip(to_state.apply(acc.astype(np.int64)), low, high) + accumulate.zero_point(state)
    else:
        newest = acc
    after = np.concatenate([older, newest.astype(before.dtype)[:, :, None]], axis=2)
    with np.errstate(over="ignore", invalid="ignore"):
        total = (accumulate.centred(after, state) * accumulate.centred(time, call.inputs[2].type)).sum(axis=2)
        total = total.reshape(batch, -1, call.attrs.rank).sum(axis=2)
        total = total if bias is None else total + bias
    after = after.reshape(before.shape)
    if not accumulate.is_integer(type):
        return accumulate.finish_f32(total, call.attrs.activation), after
    wrapped = fixed_point.wrapped(total.astype(np.int64))  # |sum| < 2**53: exact in float64, wraps in the kernel
    return accumulate.finish_s8(wrapped, to_output, call), after


def lower(call: Call) -> Lowered:
    """Call order: x, feature weights, time weights, bias, before, y, after."""
    x, features, time, bias, before = call.inputs
    y, after = call.outputs
    filters, memory = time.type.shape
    units = filters // call.attrs.rank
    data = accumulate.constant(features, "feature weights")
    first = second = None
    if accumulate.is_integer(x.type):
        first, second = _factors(call)
        if before.type.dtype not in (DType.S8, DType.S16) or time.type.dtype is not before.type.dtype:
            raise UnsupportedError(
                f"a state of {before.type.dtype.value} and time weights of {time.type.dtype.value}",
                remedy="use int8 or int16 for both",
            )
        if int(np.abs(data.astype(np.int64)).sum(axis=1).max()) * 255 > accumulate.INT32_MAX:
            raise ModelError("a feature may leave 32 bits", remedy="quantise the model with fewer inputs a filter")
        biases = np.zeros(units, np.int32) if bias is None else accumulate.constant(bias, "biases").astype(np.int32)
    else:
        biases = accumulate.float_bias(bias, units)
    params = SvdfParams(
        *x.type.shape,
        filters,
        call.attrs.rank,
        memory,
        int(before.type.dtype is DType.S16),
        accumulate.zero_point(x.type) if first else 0,
        accumulate.zero_point(before.type) if first else 0,
        int(first.multiplier[0]) if first else 0,
        first.shift if first else 0,
        int(second.multiplier[0]) if second else 0,
        **accumulate.output_fields(call, second),
    )
    constants = (
        Const("weights", data),
        Const("weights", accumulate.constant(time, "time weights")),
        Const("bias", biases),
    )
    args = (Buffer(x.name), *constants, Buffer(before.name), Buffer(y.name, True), Buffer(after.name, True))
    return Lowered(params, args, x.type.shape[0] * filters * (x.type.shape[1] + memory))


def title(call: Call) -> str:
    filters, memory = call.inputs[2].type.shape
    return f"SVDF of rank {call.attrs.rank}, {filters} filters, {memory} steps"


OP = Op("svdf", Svdf, infer, execute, lower, SvdfParams, title, updates=((4, 1),))
