"""place: one input of a concat into its part of the output. A kernel family, not an operator of the graph."""

from __future__ import annotations

import math
from dataclasses import dataclass

from barecast.graph import Tensor
from barecast.schedule import Buffer, Lowered


@dataclass(frozen=True)
class PlaceParams:
    """As in place.h: `rows` runs of `bytes` bytes, `y_stride` apart in y, the first at `y_offset` (bytes)."""

    rows: int
    bytes: int
    y_stride: int
    y_offset: int


PARAMS = PlaceParams


def place(x: Tensor, y: Tensor, axis: int, start: int) -> Lowered:
    """Copies all of x to y's elements `start`... along `axis`. Call order: x, y; other bytes of y stay as they are."""
    run = math.prod(y.type.shape[axis + 1 :]) * y.type.dtype.bytes
    params = PlaceParams(
        rows=math.prod(x.type.shape[:axis]),
        bytes=x.type.shape[axis] * run,
        y_stride=y.type.shape[axis] * run,
        y_offset=start * run,
    )
    return Lowered(params, (Buffer(x.name), Buffer(y.name, written=True)), op="place")
