"""gather_nd: slices of x by tuples of int32 indices along its first axes, which may be computed at run time.

x [N0, ..., Nk, *inner], indices [*places, k + 1] -> [*places, *inner]. Input and output share dtype and quantisation.
An index beyond its axis counts as the nearer end: nothing outside of x is ever read.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from barecast.errors import ModelError, UnsupportedError
from barecast.graph import Call, TensorType
from barecast.ops.base import Op
from barecast.schedule import Buffer, Lowered

AXES = 5
"""As many indices as a tuple may have."""


@dataclass(frozen=True)
class GatherNd:
    pass


@dataclass(frozen=True)
class GatherNdParams:
    """As in gather_nd.h; run in elements."""

    count: int
    depth: int
    extent0: int
    extent1: int
    extent2: int
    extent3: int
    extent4: int
    run: int


def infer(attrs: GatherNd, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    x, indices = inputs[0].shape, inputs[1].shape
    if not indices or not 1 <= indices[-1] <= len(x) or min(x[: indices[-1]]) < 1:
        raise ModelError(f"indices {list(indices)} into {list(x)}", remedy="correct the indices in the model")
    if indices[-1] > AXES:
        raise UnsupportedError(f"{indices[-1]} indices a slice, {AXES} is the most", remedy="merge axes first")
    return ((*indices[:-1], *x[indices[-1] :]),)


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    x, indices = arrays
    ends = np.array(x.shape[: indices.shape[-1]]) - 1
    return (x[tuple(np.moveaxis(np.clip(indices, 0, ends), -1, 0))],)


def lower(call: Call) -> Lowered:
    """Call order: x, indices, y."""
    x, indices = call.inputs
    depth, shape = indices.type.shape[-1], x.type.shape
    extents = (1,) * (AXES - depth) + shape[:depth]
    params = GatherNdParams(math.prod(indices.type.shape[:-1]), depth, *extents, math.prod(shape[depth:]))
    return Lowered(params, (Buffer(x.name), Buffer(indices.name), Buffer(call.outputs[0].name, written=True)))


def title(call: Call) -> str:
    return f"Gather by {call.inputs[1].type.shape[-1]} indices"


OP = Op("gather_nd", GatherNd, infer, execute, lower, GatherNdParams, title)
