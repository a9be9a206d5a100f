"""Puts buffers into the lowest hole that takes them, in a given order: the core of the greedy algorithms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from barecast.planner.lifetimes import Interval
from barecast.planner.placed import Placed


def first_fit(ordered: Sequence[Interval]) -> Mapping[str, int]:
    """Offsets of the intervals, each at the lowest free place given those before it in `ordered`.

    Each placement is a handful of numpy operations over what is placed already: some tenths
    of a second for 5 000 intervals.
    """
    placed = Placed(ordered)
    return {interval.key: placed.put(interval, placed.lowest(interval)) for interval in ordered}
