"""Improves an order of placement by small changes: for the networks where no greedy order is good.

Every try packs for an arena that is smaller than the best so far. What sticks out of it came too late: one of the first
such buffers moves to an earlier place in the order (as in Joslin and Clements, "Squeaky Wheel Optimization", 1999). After
some tries in vain it goes on from the best order again. The random numbers are seeded and the number of tries depends on
the problem only, so the result is the same on every run and machine.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

from barecast.planner.first_fit import first_fit
from barecast.planner.lifetimes import Interval
from barecast.planner.lower_bound import lower_bound
from barecast.planner.packing import Packing, meetings

WORK = 400_000
"""Pairs of buffers to look at, in all: a tenth of a second, about."""

FEWEST = 10
"""Tries below which there is no search: the order by size is all that is tried of thousands that live together."""

PATIENCE = 60
"""Tries in vain from one order."""

STEPS = (1, 2, 3, 5, 8, 13)
"""Places by which a buffer moves, or any number."""

ORDERS: tuple[Callable[[Interval], tuple[int, ...]], ...] = (
    lambda i: (-i.bytes, i.first),
    lambda i: (-i.bytes * (i.last - i.first + 1), i.first),
    lambda i: (i.first - i.last, -i.bytes, i.first),
)
"""What is tried first: by size, by area and by length of life."""


def local_search(intervals: tuple[Interval, ...]) -> Mapping[str, int]:
    """Offsets by key."""
    tries = WORK // (1 + len(intervals) + meetings(intervals))
    if tries < FEWEST:
        return first_fit(sorted(intervals, key=ORDERS[0]))
    search = _Search(intervals)
    for key in ORDERS:
        search.improve(sorted(range(len(intervals)), key=lambda k, key=key: key(intervals[k])))
    search.run(tries)
    return dict(zip((i.key for i in intervals), search.offsets, strict=True))


def top(intervals: tuple[Interval, ...], offsets: Mapping[str, int]) -> int:
    """The end of the highest buffer: the arena's size."""
    return max((offsets[i.key] + i.bytes for i in intervals), default=0)


class _Search:
    """height, order, offsets: the best so far."""

    def __init__(self, intervals: tuple[Interval, ...]) -> None:
        self._bytes = [interval.bytes for interval in intervals]
        self._packing = Packing(intervals)
        self._bound = lower_bound(intervals)
        self.order: list[int] = []
        self.offsets: list[int] = []
        self.height = 2**63

    def improve(self, order: Sequence[int]) -> list[int]:
        """Packs in this order, and keeps the result if it is lower; else what sticks out of the arena to be reached."""
        offsets = [-1] * len(order)
        out, height = [], 0
        for number in order:
            offsets[number] = self._packing.lowest(number, offsets)
            end = offsets[number] + self._bytes[number]
            if end >= self.height:
                out.append(number)
            height = max(height, end)
        if height < self.height:
            self.order, self.offsets, self.height = list(order), offsets, height
        return out

    def run(self, tries: int) -> None:
        chance, order, left = random.Random(0), list(self.order), PATIENCE
        for _ in range(tries):
            if self.height <= self._bound:
                return
            out = self.improve(order)
            left = left - 1 if out else PATIENCE
            if not left:
                order, left = list(self.order), PATIENCE
            elif out:
                place = order.index(chance.choice(out[:2]))
                step = chance.choice((*STEPS, place))
                order.insert(max(0, place - step), order.pop(place))
