"""Largest buffer first, each into the lowest hole (Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net
Inference", 2020, section 5.2; first fit instead of best fit)."""

from __future__ import annotations

from collections.abc import Mapping

from barecast.planner.first_fit import first_fit
from barecast.planner.lifetimes import Interval


def greedy_by_size(intervals: tuple[Interval, ...]) -> Mapping[str, int]:
    """Offsets by key."""
    return first_fit(sorted(intervals, key=lambda i: (-i.bytes, i.first)))
