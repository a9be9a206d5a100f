"""pad: a constant border around the input. Input and output share dtype and quantisation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barecast import numerics
from barecast.errors import ModelError, UnsupportedError
from barecast.graph import Call, TensorType
from barecast.ops.base import Op
from barecast.schedule import Buffer, Lowered


@dataclass(frozen=True)
class Pad:
    """before, after: one entry per axis, >= 0. value: real (a quantised tensor is filled with it quantised)."""

    before: tuple[int, ...]
    after: tuple[int, ...]
    value: float = 0.0


AXES = 4
"""As many axes as bc_pad_params has."""


@dataclass(frozen=True)
class PadParams:
    """As in pad.h: four axes, the last contiguous; value fills integer outputs, value_f float32 ones."""

    before0: int
    before1: int
    before2: int
    before3: int
    extent0: int
    extent1: int
    extent2: int
    extent3: int
    after0: int
    after1: int
    after2: int
    after3: int
    value: int
    value_f: float


def infer(attrs: Pad, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    shape = inputs[0].shape
    if not len(attrs.before) == len(attrs.after) == len(shape):
        raise ModelError(
            f"pads for {len(attrs.before)} and {len(attrs.after)} axes do not fit {list(shape)}",
            remedy="give one amount before and one after for every axis",
        )
    if min((*attrs.before, *attrs.after), default=0) < 0:
        raise ModelError("negative pads (cropping) are not supported", remedy="crop with a Slice in the model instead")
    return (tuple(b + d + a for b, d, a in zip(attrs.before, shape, attrs.after, strict=True)),)


def fill(call: Call) -> np.ndarray:
    """The padding value in the output's element type, as an array of rank 0."""
    type = call.outputs[0].type
    if type.quant is None:
        return np.array(call.attrs.value).astype(type.dtype.numpy)
    if not type.quant.per_tensor:
        raise ModelError("a tensor quantised per axis cannot be padded", remedy="quantise it per tensor")
    return numerics.quantize(
        np.float32(call.attrs.value), type.quant.scale_array(0), type.quant.zero_array(0), type.dtype.numpy
    )


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    x, attrs = arrays[0], call.attrs
    y = np.full(call.outputs[0].type.shape, fill(call), x.dtype)
    y[tuple(slice(b, b + d) for b, d in zip(attrs.before, x.shape, strict=True))] = x
    return (y,)


def merged_axes(attrs: Pad, shape: tuple[int, ...]) -> tuple[tuple[int, int, int], ...]:
    """(before, extent, after) of AXES axes: an axis without a border is one with the axis in front of it."""
    axes: list[tuple[int, int, int]] = []
    for before, extent, after in zip(attrs.before, shape, attrs.after, strict=True):
        if axes and before == after == 0:
            axes[-1] = tuple(n * extent for n in axes[-1])
        else:
            axes.append((before, extent, after))
    if len(axes) > AXES:
        raise UnsupportedError(
            f"padding {len(axes)} separate axes is not supported, {AXES} is the most", remedy="pad in two steps"
        )
    return ((0, 1, 0),) * (AXES - len(axes)) + tuple(axes)


def lower(call: Call) -> Lowered:
    """Call order: x, y."""
    (x,), (y,) = call.inputs, call.outputs
    before, extent, after = zip(*merged_axes(call.attrs, x.type.shape), strict=True)
    value = fill(call)
    is_float = y.type.dtype.is_float
    params = PadParams(*before, *extent, *after, 0 if is_float else int(value), float(value) if is_float else 0.0)
    return Lowered(params, (Buffer(x.name), Buffer(y.name, written=True)))


OP = Op("pad", Pad, infer, execute, lower, PadParams, lambda call: "Pad")
