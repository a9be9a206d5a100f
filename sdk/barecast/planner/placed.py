"""What has been placed so far, and where there is room for one more."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from barecast.planner.lifetimes import Interval
from barecast.planner.rules import Lattice, downwards, rules, upwards

ANYWHERE = int(np.iinfo(np.int64).max)


class Placed:
    """The intervals placed so far, by offset, with their lifetimes in numpy arrays that grow by doubling."""

    def __init__(self, intervals: Iterable[Interval]) -> None:
        """intervals: all that there will be."""
        self._count = 0
        self._offset, self._end, self._first, self._last = (np.zeros(16, np.int64) for _ in range(4))
        self._rules = rules(intervals)
        self._found: dict[str, tuple[Interval, int]] = {}

    def put(self, interval: Interval, offset: int) -> int:
        """Records the interval at the offset, and returns the offset."""
        at = int(np.searchsorted(self._offset[: self._count], offset, side="right"))
        values = (offset, offset + interval.bytes, interval.first, interval.last)
        columns = (self._offset, self._end, self._first, self._last)
        if self._count == len(self._offset):
            columns = tuple(np.concatenate([c, np.zeros_like(c)]) for c in columns)
            self._offset, self._end, self._first, self._last = columns
        for column, value in zip(columns, values, strict=True):
            column[at + 1 : self._count + 1] = column[at : self._count]
            column[at] = value
        self._count += 1
        self._found[interval.key] = interval, offset
        return offset

    def lowest(self, interval: Interval) -> int:
        """The lowest aligned offset at which the interval conflicts with nothing placed so far."""
        low, high, lattices = self._starts(interval)
        low = -(-low // interval.align) * interval.align
        if not lattices:
            return int(low[np.argmax(high >= low)])
        found = ANYWHERE
        for base in low[high >= low].tolist():
            if base >= found:
                break
            tries = (start for start in upwards(base, lattices, interval.align) if start < found)
            found = min((start for start in tries if _fits(start, low, high, lattices)), default=found)
        return found

    def highest(self, interval: Interval, ceiling: int) -> int | None:
        """The highest such offset whose end is not above `ceiling`; None if there is none."""
        low, high, lattices = self._starts(interval)
        high = np.minimum(high, ceiling - interval.bytes) // interval.align * interval.align
        if not lattices:
            fits = np.flatnonzero(high >= low)
            return int(high[fits[-1]]) if len(fits) else None
        found = -1
        for base in high[high >= low][::-1].tolist():
            if base <= found:
                break
            tries = (start for start in downwards(base, lattices, interval.align) if start > found)
            found = max((start for start in tries if _fits(start, low, high, lattices)), default=found)
        return None if found < 0 else found

    def _starts(self, interval: Interval) -> tuple[np.ndarray, np.ndarray, list[Lattice]]:
        """(lowest, highest) of the ranges in which the interval may start, upwards, and the lattices within them."""
        n = self._count
        alive = (self._first[:n] <= interval.last) & (self._last[:n] >= interval.first)
        low, high = self._offset[:n][alive] - interval.bytes, self._end[:n][alive]
        lattices: list[Lattice] = []
        met = [(rule, *self._found[key]) for key, rule in self._rules[interval.key].items() if key in self._found]
        if met:
            stays = np.ones(len(low), bool)
            for rule, other, offset in met:
                at = np.argmax((low == offset - interval.bytes) & (high == offset + other.bytes) & stays)
                stays[at] = False
                lattices += (lattice.moved(offset) for lattice in rule.lattices)
            looser = [(offset + rule.low, offset + rule.high) for rule, _, offset in met if rule.low < rule.high]
            lows, highs = np.array(looser, np.int64).reshape(-1, 2).T
            low, high = np.concatenate([low[stays], lows]), np.concatenate([high[stays], highs])
            rising = np.argsort(low, kind="stable")
            low, high = low[rising], high[rising]
        return np.maximum.accumulate(np.concatenate([[0], high])), np.concatenate([low, [ANYWHERE]]), lattices


def _fits(start: int, low: np.ndarray, high: np.ndarray, lattices: list[Lattice]) -> bool:
    return bool(((low <= start) & (start <= high)).any()) and all(lattice.allows(start) for lattice in lattices)
