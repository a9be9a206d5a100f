"""Improves an order of placement by small changes: for the rare networks where no greedy order is good.

Each try moves one of the buffers that reach the top of the arena to an earlier place in the
order and packs again. The random numbers are seeded and the number of tries depends on the
problem's size only, so the result is the same on every run and machine.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

from barecast.planner.first_fit import first_fit
from barecast.planner.lifetimes import Interval
from barecast.planner.lower_bound import lower_bound

TRIES = 400
WORK = 30_000
"""Placements in all: tries times buffers. Beyond a few thousand buffers a single try is left."""


def local_search(intervals: tuple[Interval, ...]) -> Mapping[str, int]:
    """Offsets by key."""
    bound, chance = lower_bound(intervals), random.Random(0)
    order = sorted(intervals, key=lambda i: (-i.bytes, i.first))
    best = first_fit(order)
    height = top(intervals, best)
    for _ in range(min(TRIES, WORK // max(1, len(intervals)))):
        if height <= bound:
            break
        highest = [k for k, i in enumerate(order) if best[i.key] + i.bytes == height]
        moved = chance.choice(highest)
        to = chance.randrange(moved) if moved else chance.randrange(len(order))
        trial = order[:moved] + order[moved + 1 :]
        trial.insert(to, order[moved])
        offsets = first_fit(trial)
        if top(intervals, offsets) <= height:
            order, best, height = trial, offsets, top(intervals, offsets)
    return best


def top(intervals: tuple[Interval, ...], offsets: Mapping[str, int]) -> int:
    """The end of the highest buffer: the arena's size."""
    return max((offsets[i.key] + i.bytes for i in intervals), default=0)
