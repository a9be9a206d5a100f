"""What no placement can beat."""

from __future__ import annotations

from itertools import accumulate

from barecast.planner.lifetimes import Interval


def lower_bound(intervals: tuple[Interval, ...]) -> int:
    """The largest sum of bytes that live at the same step, less what they may share. 0 if there are no intervals."""
    change: dict[int, int] = {}

    def add(first: int, last: int, count: int) -> None:
        change[first] = change.get(first, 0) + count
        change[last + 1] = change.get(last + 1, 0) - count

    size = {interval.key: interval.bytes for interval in intervals}
    for interval in intervals:
        add(interval.first, interval.last, interval.bytes)
        if interval.over:
            shared: dict[str, int] = {}
            for over in interval.over:
                shared[over.key] = min(shared.get(over.key, size[over.key]), over.behind)
            add(interval.first, interval.first, -min(interval.bytes, sum(shared.values())))
    return max(accumulate(change[when] for when in sorted(change)), default=0)
