"""What no placement can beat."""

from __future__ import annotations

from itertools import accumulate

from barecast.planner.lifetimes import Interval


def lower_bound(intervals: tuple[Interval, ...]) -> int:
    """The largest sum of bytes that live at the same step, in bytes. 0 if there are no intervals."""
    change: dict[int, int] = {}
    for interval in intervals:
        change[interval.first] = change.get(interval.first, 0) + interval.bytes
        change[interval.last + 1] = change.get(interval.last + 1, 0) - interval.bytes
    return max(accumulate(change[when] for when in sorted(change)), default=0)
