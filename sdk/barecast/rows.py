"""Rows of images: which of them a row of a result needs, and which of them a stream holds.

Rows are what lies at one index of the second axis of a tensor [1, rows, ...].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

FED = -1
"""In place of a step: a row of the input arrives."""


@dataclass(frozen=True)
class Reach:
    """Which rows of the input a row of the output is computed from: `taps` of them, `dilation` apart.

    The first tap of output row r lies on input row r * stride - pad. height: rows of the input.
    """

    height: int
    taps: int = 1
    stride: int = 1
    dilation: int = 1
    pad: int = 0

    @property
    def span(self) -> int:
        """Rows from the first tap to the last one, both inclusive."""
        return (self.taps - 1) * self.dilation + 1

    def first(self, row: int) -> int:
        """The first row of the input that output row `row` or any later one needs; it may lie below the input."""
        return max(0, row * self.stride - self.pad)

    def end(self, row: int) -> int:
        """One more than the last row of the input that output row `row` needs."""
        return min(self.height, row * self.stride - self.pad + self.span)


@dataclass(frozen=True)
class Band:
    """One row of the output or some in order, and what of the input they are computed from.

    held: rows of the input from the first needed one on; above, below: rows of padding before and behind them. begins:
    whether it is the first row. rows: of the output.
    """

    held: int
    above: int = 0
    below: int = 0
    begins: bool = False
    rows: int = 1


def band(reach: Reach, row: int) -> Band:
    """The band of output row `row`. A window that lies wholly on padding holds no row."""
    start = row * reach.stride - reach.pad
    first, end = reach.first(row), reach.end(row)
    return Band(max(0, end - first), first - start, start + reach.span - end, row == 0)


def bands(reach: Reach, first: int, end: int) -> Band:
    """The band of the output rows from `first` to `end`, exclusive. begins is about the first of them."""
    upper, lower = band(reach, first), band(reach, end - 1)
    return Band(max(0, reach.end(end - 1) - reach.first(first)), upper.above, lower.below, upper.begins, end - first)


@dataclass(frozen=True)
class Held:
    """What a stream holds of a tensor that only it knows: `rows` rows of `row_bytes` each, out of `height`.

    The rows lie at the front of the tensor's memory in order. Before a row is written behind them, those that nobody
    needs any more are dropped, and the rest moves down. passing: each row is read by all that need it before anything
    but the steps in between runs, so that its memory is free at all other times; rows is 1 then, and nothing moves.
    """

    rows: int
    row_bytes: int
    height: int
    passing: bool

    @property
    def bytes(self) -> int:
        return self.rows * self.row_bytes


@dataclass(frozen=True, eq=False)
class Stream:
    """Neighbouring steps that run together, a row at a time. first, last: their indices, both inclusive.

    order: the steps in the order in which they compute one row each; FED where the next row of the buffer `fed`, an
    input of the model, is taken from the caller. held: what is held of the buffers between them, and of `fed`.
    reach: of each step, of its inputs that have rows. bands: of each step, the params with which its kernel is called,
    each once. moved_bytes: what is moved in a run to keep held rows in order.
    """

    first: int
    last: int
    order: tuple[int, ...]
    held: Mapping[str, Held]
    reach: Mapping[int, Reach]
    bands: Mapping[int, tuple[Any, ...]]
    moved_bytes: int
    fed: str | None = None

    def __post_init__(self):
        for name in ("held", "reach", "bands"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    @property
    def needed(self) -> int:
        """Rows of `fed` that are taken: the last ones of an image may be read by nobody."""
        return self.order.count(FED)

    @property
    def counter_bytes(self) -> int:
        """What is kept between two portions of rows: the place in the order, and for each image bc_rows of bc_rows.h."""
        return 4 * (1 + len(self.steps) + 1) if self.fed is not None else 0

    @property
    def steps(self) -> range:
        return range(self.first, self.last + 1)
