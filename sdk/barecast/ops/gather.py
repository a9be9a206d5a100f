"""gather: slices of x along an axis, by int32 indices that may be computed at run time.

x [*batch, *outer, N, *inner], indices [*batch, *places] -> [*batch, *outer, *places, *inner]. Input and output share
dtype and quantisation. An index beyond 0 .. N - 1 counts as the nearer end: nothing outside of x is ever read.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from barecast.errors import ModelError
from barecast.graph import Call, TensorType
from barecast.ops.base import Op
from barecast.schedule import Buffer, Lowered


@dataclass(frozen=True)
class Gather:
    """axis: of x, not negative. batch_dims: how many first axes x and the indices have in common, at most `axis`."""

    axis: int
    batch_dims: int = 0


@dataclass(frozen=True)
class GatherParams:
    """As in gather.h; run in elements."""

    batch: int
    outer: int
    extent: int
    count: int
    run: int


def infer(attrs: Gather, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    x, indices = inputs[0].shape, inputs[1].shape
    axis, shared = attrs.axis, attrs.batch_dims
    if not 0 <= shared <= axis < len(x) or shared > len(indices) or x[:shared] != indices[:shared]:
        raise ModelError(
            f"axis {axis} of {list(x)} by indices {list(indices)}, {shared} axes shared",
            remedy="correct the axis or the indices in the model",
        )
    if x[axis] < 1:
        raise ModelError(f"axis {axis} of {list(x)} has nothing to gather", remedy="give it a positive extent")
    return ((*x[:axis], *indices[shared:], *x[axis + 1 :]),)


def _params(attrs: Gather, x: tuple[int, ...], indices: tuple[int, ...]) -> GatherParams:
    return GatherParams(
        math.prod(x[: attrs.batch_dims]),
        math.prod(x[attrs.batch_dims : attrs.axis]),
        x[attrs.axis],
        math.prod(indices[attrs.batch_dims :]),
        math.prod(x[attrs.axis + 1 :]),
    )


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    x, indices = arrays
    p = _params(call.attrs, x.shape, indices.shape)
    blocks = x.reshape(p.batch, p.outer, p.extent, p.run)
    chosen = np.clip(indices.reshape(p.batch, 1, p.count, 1), 0, p.extent - 1)
    return (np.take_along_axis(blocks, chosen, axis=2).reshape(call.outputs[0].type.shape),)


def lower(call: Call) -> Lowered:
    """Call order: x, indices, y."""
    x, indices = call.inputs
    args = (Buffer(x.name), Buffer(indices.name), Buffer(call.outputs[0].name, written=True))
    return Lowered(_params(call.attrs, x.type.shape, indices.type.shape), args)


OP = Op("gather", Gather, infer, execute, lower, GatherParams, lambda call: f"Gather along axis {call.attrs.axis}")
