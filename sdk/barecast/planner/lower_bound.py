"""What no placement can beat."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate

from barecast.planner.lifetimes import Interval, shared_bytes


def lower_bound(intervals: tuple[Interval, ...]) -> int:
    """The largest sum of bytes that live at the same step, less what they may share. 0 if there are no intervals.

    All begin at multiples of some bytes, so each takes whole multiples from the others; only the topmost may end before
    a multiple.
    """
    return max((bytes for _, bytes in _levels(intervals)), default=0)


def profile(intervals: tuple[Interval, ...], steps: int) -> list[int]:
    """That sum at each of so many steps."""
    levels = {-1: 0, **dict(_levels(intervals))}
    return [levels[when] for when in accumulate(range(-1, steps), lambda one, step: step if step in levels else one)][1:]


def _levels(intervals: tuple[Interval, ...]) -> Iterator[tuple[int, int]]:
    """(step, the sum there), at each step where it changes."""
    unit = math.gcd(*(interval.align for interval in intervals)) or 1
    sums: Counter[int] = Counter()
    ends: dict[int, Counter[int]] = {}
    """How many intervals end so many bytes before a multiple, as changes from step to step."""
    size = {interval.key: interval.bytes for interval in intervals}
    for interval in intervals:
        taken = _rounded(interval.bytes, unit)
        shared = sum(_rounded(count, unit) for count in shared_bytes(interval.over, size.__getitem__).values())
        sums[interval.first] += taken - min(taken, shared)
        sums[interval.first + 1] += min(taken, shared)
        sums[interval.last + 1] -= taken
        short = ends.setdefault(taken - interval.bytes, Counter())
        short[interval.first] += 1
        short[interval.last + 1] -= 1
    alive = 0
    counts = dict.fromkeys(ends, 0)
    for step in sorted(sums):
        alive += sums[step]
        for short, changes in ends.items():
            counts[short] += changes[step]
        yield step, alive - max((short for short, count in counts.items() if count), default=0)


def _rounded(size: int, unit: int) -> int:
    return -(-size // unit) * unit
