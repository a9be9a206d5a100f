"""What has been placed so far, and where there is room for one more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from barecast.planner.lifetimes import Interval

ANYWHERE = np.iinfo(np.int64).max


@dataclass(frozen=True)
class _Lattice:
    """Starts from `low` to `high`, both exclusive, are allowed only at `origin` plus multiples of `step`."""

    low: int
    high: int
    origin: int
    step: int

    def allows(self, start: int) -> bool:
        return not self.low < start < self.high or (start - self.origin) % self.step == 0


class Placed:
    """The intervals placed so far, by offset, with their lifetimes in numpy arrays that grow by doubling."""

    def __init__(self) -> None:
        self._count = 0
        self._offset, self._end, self._first, self._last = (np.zeros(16, np.int64) for _ in range(4))
        self._found: dict[str, tuple[Interval, int]] = {}
        self._written_over: dict[str, list[str]] = {}
        """Interval -> those placed intervals that may share bytes with it, as they are written when it ends."""

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
        for key in {over.key for over in interval.over}:
            self._written_over.setdefault(key, []).append(interval.key)
        return offset

    def lowest(self, interval: Interval) -> int:
        """The lowest aligned offset at which the interval conflicts with nothing placed so far."""
        low, high, lattices = self._starts(interval)
        low = -(-low // interval.align) * interval.align
        if not lattices:
            return int(low[np.argmax(high >= low)])
        tries = sorted(start for base in low for start in _from(int(base), lattices, interval.align))
        return next(start for start in tries if _fits(start, low, high, lattices))

    def highest(self, interval: Interval, ceiling: int) -> int | None:
        """The highest such offset whose end is not above `ceiling`; None if there is none."""
        low, high, lattices = self._starts(interval)
        high = np.minimum(high, ceiling - interval.bytes) // interval.align * interval.align
        if not lattices:
            fits = np.flatnonzero(high >= low)
            return int(high[fits[-1]]) if len(fits) else None
        tries = sorted((start for base in high for start in _down_from(int(base), lattices, interval.align)), reverse=True)
        return next((start for start in tries if start >= 0 and _fits(start, low, high, lattices)), None)

    def _starts(self, interval: Interval) -> tuple[np.ndarray, np.ndarray, list[_Lattice]]:
        """(lowest, highest) of the ranges in which the interval may start, upwards, and the lattices within them."""
        n = self._count
        alive = (self._first[:n] <= interval.last) & (self._last[:n] >= interval.first)
        lattices: list[_Lattice] = []
        shared = dict(self._shared(interval))
        low, high = self._offset[:n][alive] - interval.bytes, self._end[:n][alive]
        if shared:
            conflicts = list(zip(low.tolist(), high.tolist(), strict=True))
            for apart, (conflict, lattice) in shared.items():
                conflicts.remove(apart)
                if conflict[0] < conflict[1]:
                    conflicts.append(conflict)
                lattices += lattice
            low, high = np.array(sorted(conflicts), np.int64).reshape(-1, 2).T
        return np.maximum.accumulate(np.concatenate([[0], high])), np.concatenate([low, [ANYWHERE]]), lattices

    def _shared(self, interval: Interval) -> Iterator[tuple[tuple[int, int], tuple[tuple[int, int], list[_Lattice]]]]:
        """For each placed interval that this one may share bytes with: the starts, both ends exclusive, at which the
        two would meet; those at which they must not; and what lattices say of the rest."""
        for key in {over.key for over in interval.over} & self._found.keys():
            other, offset = self._found[key]
            apart = offset - interval.bytes, offset + other.bytes
            entries = [over for over in interval.over if over.key == key]
            behind = min(over.behind for over in entries)
            conflict = offset + behind - interval.bytes, offset + other.bytes
            lattices = [_Lattice(*apart, offset + over.phase, over.multiple) for over in entries if over.multiple > 1]
            yield apart, (conflict, lattices)
        for key in self._written_over.get(interval.key, ()):
            other, offset = self._found[key]
            apart = offset - interval.bytes, offset + other.bytes
            entries = [over for over in other.over if over.key == interval.key]
            behind = min(over.behind for over in entries)
            conflict = offset - interval.bytes, offset + other.bytes - behind
            lattices = [_Lattice(*apart, offset - over.phase, over.multiple) for over in entries if over.multiple > 1]
            yield apart, (conflict, lattices)


def _from(base: int, lattices: list[_Lattice], align: int) -> Iterator[int]:
    """Starts at or above `base` that are worth a try: itself, behind each lattice, and each lattice's next points."""
    yield base
    for lattice in lattices:
        if lattice.high > base:
            yield -(-lattice.high // align) * align
        first = base + (lattice.origin - base) % lattice.step
        yield from (point for k in range(align) if (point := first + k * lattice.step) % align == 0)


def _down_from(base: int, lattices: list[_Lattice], align: int) -> Iterator[int]:
    """The same downwards."""
    yield base
    for lattice in lattices:
        if lattice.low < base:
            yield lattice.low // align * align
        first = base - (base - lattice.origin) % lattice.step
        yield from (point for k in range(align) if (point := first - k * lattice.step) % align == 0)


def _fits(start: int, low: np.ndarray, high: np.ndarray, lattices: list[_Lattice]) -> bool:
    return bool(((low <= start) & (start <= high)).any()) and all(lattice.allows(start) for lattice in lattices)
