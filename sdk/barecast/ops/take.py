"""take: elements at listed places along each axis. Input and output share dtype and quantisation.

Mirrored and repeated borders, nearest neighbours and other maps that are known offline are this operator.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from barecast.errors import ModelError, UnsupportedError
from barecast.graph import Call, Tensor, TensorType
from barecast.ops.base import Op
from barecast.schedule import Buffer, Const, Lowered


@dataclass(frozen=True)
class Take:
    """One entry per axis: which elements of x the output's are, in order, each 0 or more; () stands for all of them."""

    places: tuple[tuple[int, ...], ...]


AXES = 4
"""As many axes as bc_take_params has."""


@dataclass(frozen=True)
class TakeParams:
    """As in take.h: extents of y, outermost first, and the contiguous elements behind them."""

    extent0: int
    extent1: int
    extent2: int
    extent3: int
    run: int


PLACES_MAX = 2**20
"""Listed places along an axis: each is a number in flash."""


def infer(attrs: Take, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    shape = inputs[0].shape
    if len(attrs.places) != len(shape):
        raise ModelError(
            f"places along {len(attrs.places)} axes do not fit {list(shape)}", remedy="give places for every axis"
        )
    for axis, (places, extent) in enumerate(zip(attrs.places, shape, strict=True)):
        if len(places) > PLACES_MAX:
            raise UnsupportedError(
                f"takes {len(places)} places along axis {axis}; {PLACES_MAX} are the most", remedy="use smaller extents"
            )
        if places and not 0 <= min(places) <= max(places) < extent:
            raise ModelError(
                f"places {min(places)} to {max(places)} do not lie on axis {axis} of {list(shape)}",
                remedy="correct the indices in the model",
            )
    return (tuple(len(p) or extent for p, extent in zip(attrs.places, shape, strict=True)),)


def chosen(x: np.ndarray, places: tuple[tuple[int, ...], ...]) -> np.ndarray:
    """The elements, in numpy."""
    whole = [p or range(extent) for p, extent in zip(places, x.shape, strict=True)]
    return x[np.ix_(*whole)]


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    return (chosen(arrays[0], call.attrs.places),)


def offsets(places: tuple[tuple[int, ...], ...], shape: tuple[int, ...]) -> tuple[list[np.ndarray], int]:
    """The places as distances in elements, of as few axes as do, and the length of the runs behind them.

    An axis of which all is taken is part of the run behind it, or of the next axis that is taken whole; one of
    which a single element is taken moves the others' places.
    """
    tables: list[np.ndarray] = []
    run, start, still_run, was_whole = 1, 0, True, False
    for axis in reversed(range(len(shape))):
        is_whole = not places[axis] or tuple(places[axis]) == tuple(range(shape[axis]))
        if is_whole and still_run:
            run *= shape[axis]
            continue
        still_run = False
        stride = math.prod(shape[axis + 1 :])
        if len(places[axis] or range(shape[axis])) == 1:
            start += stride * (places[axis][0] if places[axis] else 0)
            continue
        here = np.arange(shape[axis]) if is_whole else np.array(places[axis])
        table = (here * stride).astype(np.int64)
        if is_whole and was_whole:
            tables[0] = (table[:, None] + tables[0][None, :]).reshape(-1)
        else:
            tables.insert(0, table)
        was_whole = is_whole
    return ([tables[0] + start, *tables[1:]] if tables else [np.array([start])]), run


def _merged(tables: list[np.ndarray]) -> list[np.ndarray]:
    """One table less: the two neighbours whose places together are fewest become one."""
    first = min(range(len(tables) - 1), key=lambda i: len(tables[i]) * len(tables[i + 1]))
    both = (tables[first][:, None] + tables[first + 1][None, :]).reshape(-1)
    return [*tables[:first], both, *tables[first + 2 :]]


def lower_to_take(x: Tensor, y: Tensor, places: tuple[tuple[int, ...], ...]) -> Lowered:
    """Call order: x, places, y."""
    tables, run = offsets(places, x.type.shape)
    while len(tables) > AXES:
        tables = _merged(tables)
    tables = [np.zeros(1, np.int64)] * (AXES - len(tables)) + tables
    params = TakeParams(*(len(t) for t in tables), run)
    table = Const("table", np.concatenate(tables).astype(np.int32))
    return Lowered(params, (Buffer(x.name), table, Buffer(y.name, written=True)), op="take")


def lower(call: Call) -> Lowered:
    return lower_to_take(call.inputs[0], call.outputs[0], call.attrs.places)


OP = Op("take", Take, infer, execute, lower, TakeParams, lambda call: "Take")
