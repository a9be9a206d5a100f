"""Looks for the order of a segment's steps that takes least memory at its fullest step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from barecast.order.segment import Segment

BEAM = 64
"""States of a beam, at most."""

NEWEST, OLDEST = 24, 8
"""Of the steps that may be next, how many a beam tries: the last that became ready, and the first."""


@dataclass(frozen=True)
class Found:
    """steps: the segment's, in their new order. peak: bytes, at least the floor; proven: no order has a lower one."""

    steps: tuple[int, ...]
    peak: int
    proven: bool


@dataclass(frozen=True)
class Way:
    """Some steps in an order. done: their set of bits; ready: what may be next, in the order of becoming so; live: bytes
    that are kept behind them; turns: how often one of them ran before an earlier one that was ready, too."""

    done: int
    ready: tuple[int, ...]
    live: int
    peak: int
    turns: int
    past: tuple[Way, int] | None = None

    def steps(self) -> tuple[int, ...]:
        way, found = self, []
        while way.past is not None:
            way, step = way.past
            found.append(step)
        return tuple(reversed(found))


@dataclass(frozen=True)
class _Try:
    """One more step behind a way."""

    way: Way
    step: int
    done: int
    live: int
    peak: int
    turns: int

    @property
    def rank(self) -> tuple[int, int, int]:
        return self.peak, self.live, self.turns


def best(segment: Segment, floor: int, below: int, work: int) -> Found | None:
    """The order with the lowest peak; None if no order's peak is less than `below`. Without a proof that there is none,
    the steps as they are, with that peak.

    floor: bytes that are taken elsewhere, so that no lower peak is of any use. work: steps to be tried in a short
    segment, about; a try takes longer in a long one. Equal segments give equal orders: of equal peaks the first is
    taken, trying steps as the schedule has them.
    """
    first = start(segment, floor)
    if first.peak >= below:
        return None
    work //= 1 + len(segment.steps) // 500
    found, is_all = exact(segment, first, below, work // 2)
    if found is None and not is_all:
        end = beam(segment, first, below, work // 2)
        return Found(end.steps(), end.peak, False) if end else Found(tuple(range(len(segment.steps))), below, False)
    return Found(found.steps(), found.peak, True) if found else None


def start(segment: Segment, floor: int) -> Way:
    return Way(0, segment.ready(), segment.live, max(floor, segment.least()), 0)


def exact(segment: Segment, first: Way, below: int, work: int) -> tuple[Way | None, bool]:
    """Sets of finished steps in rising order of the lowest peak on a way to them. (result, whether all was looked at)."""
    heap: list[tuple[int, int, int, int, _Try | Way]] = [(first.peak, 0, 0, 0, first)]
    reached: dict[int, int] = {}
    serial = 0
    while heap:
        entry = heappop(heap)[-1]
        if entry.peak > reached.get(entry.done, entry.peak):
            continue
        way = entry if isinstance(entry, Way) else _extended(segment, entry)
        if not way.ready:
            return way, True
        if work <= 0:
            return None, False
        tries = _tries(segment, way, way.ready)
        work -= len(tries)
        for one in tries:
            if one.peak < reached.get(one.done, below):
                reached[one.done] = one.peak
                serial += 1
                heappush(heap, (one.peak, -one.done.bit_count(), one.turns, serial, one))
    return None, True


def beam(segment: Segment, first: Way, below: int, work: int) -> Way | None:
    """Sets of one more finished step at a time, the best of each number."""
    ways = [first]
    count = len(segment.steps)
    for done in range(count):
        found: dict[int, _Try] = {}
        tried = 0
        for way in ways:
            some = way.ready if len(way.ready) <= NEWEST + OLDEST else way.ready[:OLDEST] + way.ready[-NEWEST:]
            tries = _tries(segment, way, some)
            tried += len(tries)
            for one in tries:
                if one.peak < below and (one.done not in found or one.rank < found[one.done].rank):
                    found[one.done] = one
        work -= tried
        width = max(1, min(BEAM, work * len(ways) // (tried * (count - done))))
        ways = [_extended(segment, one) for one in sorted(found.values(), key=lambda one: one.rank)[:width]]
        if not ways:
            return None
    return ways[0]


def _tries(segment: Segment, way: Way, steps: Sequence[int]) -> list[_Try]:
    """Some steps that may be next. One that neither raises the peak nor leaves more behind than it found is best run at
    once, whatever follows: it can only free memory for the others."""
    found, earliest = [], min(steps, default=0)
    for step in steps:
        taken, live = segment.run(step, way.done, way.live)
        one = _Try(way, step, way.done | 1 << step, live, max(way.peak, taken), way.turns + (step != earliest))
        if taken <= way.peak and live <= way.live:
            return [one]
        found.append(one)
    return found


def _extended(segment: Segment, one: _Try) -> Way:
    ready = tuple(step for step in one.way.ready if step != one.step) + segment.released(one.step, one.done)
    return Way(one.done, ready, one.live, one.peak, one.turns, (one.way, one.step))
