"""argmax: where along an axis the largest (or smallest) element is; of equals the first, or the last. The output is int32."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from barecast.errors import ModelError
from barecast.graph import Call, TensorType
from barecast.ops.base import Op
from barecast.schedule import Buffer, Lowered


@dataclass(frozen=True)
class Argmax:
    """axis: non-negative. smallest: of the smallest element. last: of equals the last."""

    axis: int
    smallest: bool = False
    keepdims: bool = False
    last: bool = False


@dataclass(frozen=True)
class ArgmaxParams:
    """As in argmax.h."""

    outer: int
    n: int
    inner: int
    smallest: int
    last: int


def infer(attrs: Argmax, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    shape = inputs[0].shape
    if not 0 <= attrs.axis < len(shape):
        raise ModelError(f"axis {attrs.axis} does not exist in {list(shape)}", remedy="check the model's axis")
    if shape[attrs.axis] < 1:
        raise ModelError("nothing has no largest element", remedy="give the axis a positive extent")
    kept = (1,) if attrs.keepdims else ()
    return ((*shape[: attrs.axis], *kept, *shape[attrs.axis + 1 :]),)


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    """One element after the other, as the C does it: a comparison with NaN is false, so a leading NaN stays."""
    attrs, rows = call.attrs, np.moveaxis(arrays[0], call.attrs.axis, 0)
    best, place = rows[0].copy(), np.zeros(rows.shape[1:], np.int32)
    for index in range(1, len(rows)):
        better = rows[index] < best if attrs.smallest else rows[index] > best
        better |= attrs.last & (rows[index] == best)
        best, place = np.where(better, rows[index], best), np.where(better, np.int32(index), place)
    return (place.reshape(call.outputs[0].type.shape).astype(np.int32),)


def lower(call: Call) -> Lowered:
    """Call order: x, y."""
    (x,), (y,), axis = call.inputs, call.outputs, call.attrs.axis
    shape = x.type.shape
    sizes = math.prod(shape[:axis]), shape[axis], math.prod(shape[axis + 1 :])
    params = ArgmaxParams(*sizes, int(call.attrs.smallest), int(call.attrs.last))
    return Lowered(params, (Buffer(x.name), Buffer(y.name, written=True)))


def title(call: Call) -> str:
    return f"Arg{'min' if call.attrs.smallest else 'max'} over {call.inputs[0].type.shape[call.attrs.axis]}"


OP = Op("argmax", Argmax, infer, execute, lower, ArgmaxParams, title)
