"""slice: elements of the input at regular distances along each axis. Input and output share dtype and quantisation."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from barecast.errors import ModelError
from barecast.graph import Call, TensorType
from barecast.ops.base import Op
from barecast.ops.strides import merged, nested
from barecast.schedule import Buffer, Lowered


@dataclass(frozen=True)
class Slice:
    """One entry per axis: output element i is input element begin + i * step, i < size. step: not 0."""

    begin: tuple[int, ...]
    size: tuple[int, ...]
    step: tuple[int, ...]


@dataclass(frozen=True)
class SliceParams:
    """As in slice.h: the first element of x, extents of y, outermost first, and strides of x (in elements)."""

    start: int
    extent0: int
    extent1: int
    extent2: int
    extent3: int
    extent4: int
    extent5: int
    stride0: int
    stride1: int
    stride2: int
    stride3: int
    stride4: int
    stride5: int


def infer(attrs: Slice, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    shape = inputs[0].shape
    if not len(attrs.begin) == len(attrs.size) == len(attrs.step) == len(shape):
        raise ModelError(
            f"a slice of {len(attrs.begin)} axes does not fit {list(shape)}", remedy="give one range for every axis"
        )
    for axis, (begin, size, step, extent) in enumerate(zip(attrs.begin, attrs.size, attrs.step, shape, strict=True)):
        last = begin + (size - 1) * step
        if size < 1 or step == 0 or not (0 <= begin < extent and 0 <= last < extent):
            raise ModelError(
                f"{size} elements from {begin} by {step} do not lie on axis {axis} of {list(shape)}",
                remedy="correct the range in the model",
            )
    return (tuple(attrs.size),)


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    attrs = call.attrs
    places = [b + s * np.arange(n) for b, n, s in zip(attrs.begin, attrs.size, attrs.step, strict=True)]
    return (arrays[0][np.ix_(*places)],)


def lower(call: Call) -> Lowered:
    """Call order: x, y."""
    (x,), (y,) = call.inputs, call.outputs
    attrs, strides = call.attrs, [math.prod(x.type.shape[axis + 1 :]) for axis in range(len(x.type.shape))]
    start = sum(begin * stride for begin, stride in zip(attrs.begin, strides, strict=True))
    steps = (step * stride for step, stride in zip(attrs.step, strides, strict=True))
    axes = merged(zip(attrs.size, steps, strict=True)) or [(1, 1)]
    return Lowered(SliceParams(start, *nested(axes, "slice")), (Buffer(x.name), Buffer(y.name, written=True)))


OP = Op("slice", Slice, infer, execute, lower, SliceParams, lambda call: "Slice")
