"""Largest product of bytes and lifetime first, each into the lowest hole: long-lived buffers settle at the bottom."""

from __future__ import annotations

from collections.abc import Mapping

from barecast.planner.first_fit import first_fit
from barecast.planner.lifetimes import Interval


def greedy_by_area(intervals: tuple[Interval, ...]) -> Mapping[str, int]:
    """Offsets by key."""
    return first_fit(sorted(intervals, key=lambda i: (-i.bytes * (i.last - i.first + 1), i.first)))
