"""The fullest step first, and in it the largest buffer first (Pisarchyk and Lee 2020, section 5.1)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from barecast.planner.first_fit import first_fit
from barecast.planner.lifetimes import Interval


def greedy_by_breadth(intervals: tuple[Interval, ...]) -> Mapping[str, int]:
    """Offsets by key."""
    breadth = _breadth(intervals)
    return first_fit(sorted(intervals, key=lambda i: (-breadth[i.first + 1 : i.last + 2].max(), -i.bytes, i.first)))


def _breadth(intervals: tuple[Interval, ...]) -> np.ndarray:
    """Bytes alive at each step; entry 0 is step -1."""
    change = np.zeros(max((i.last for i in intervals), default=0) + 3, np.int64)
    for interval in intervals:
        change[interval.first + 1] += interval.bytes
        change[interval.last + 2] -= interval.bytes
    return np.cumsum(change)
