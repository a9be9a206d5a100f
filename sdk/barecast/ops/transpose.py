"""transpose: output axis i is input axis perm[i]. Input and output share dtype and quantisation."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from barecast.errors import ModelError
from barecast.graph import Call, TensorType
from barecast.ops.base import Op
from barecast.ops.copy import CopyParams
from barecast.ops.strides import merged, nested
from barecast.schedule import Buffer, Lowered


@dataclass(frozen=True)
class Transpose:
    perm: tuple[int, ...]


@dataclass(frozen=True)
class TransposeParams:
    """As in transpose.h: extents of the output, outermost first, and the strides of x (in elements) along them."""

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


def infer(attrs: Transpose, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    shape = inputs[0].shape
    if sorted(attrs.perm) != list(range(len(shape))):
        raise ModelError(
            f"perm {list(attrs.perm)} is no order of the {len(shape)} axes of {list(shape)}",
            remedy="name every axis once",
        )
    return (tuple(shape[p] for p in attrs.perm),)


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    return (np.ascontiguousarray(np.transpose(arrays[0], call.attrs.perm)),)


def merged_axes(shape: tuple[int, ...], perm: tuple[int, ...]) -> list[tuple[int, int]]:
    """(extent, stride in x) of the output's axes; neighbours that stay neighbours are one, extents of 1 are gone."""
    return merged((shape[p], math.prod(shape[p + 1 :])) for p in perm)


def lower(call: Call) -> Lowered:
    """Call order: x, y. Where no byte moves it is a call of `copy`."""
    (x,), (y,) = call.inputs, call.outputs
    args = (Buffer(x.name), Buffer(y.name, written=True))
    axes = merged_axes(x.type.shape, call.attrs.perm)
    if len(axes) <= 1 or x.type.size == 0:
        return Lowered(CopyParams(x.type.bytes), args, op="copy")
    return Lowered(TransposeParams(*nested(axes, "transpose")), args)


def title(call: Call) -> str:
    return f"Transpose {' '.join(map(str, call.attrs.perm))}"


OP = Op("transpose", Transpose, infer, execute, lower, TransposeParams, title)
