"""In order of execution, alternately from the bottom and from the top of an arena of the lower bound's size.

A chain of layers has two large buffers alive at a time. With every second one at the top
they never meet, whatever their sizes: for chains this reaches the bound, which taking the
largest first does not always do. Where something does not fit below the ceiling it goes above.
"""

from __future__ import annotations

from collections.abc import Mapping

from barecast.planner.lifetimes import Interval
from barecast.planner.lower_bound import lower_bound
from barecast.planner.placed import Placed


def two_ends(intervals: tuple[Interval, ...]) -> Mapping[str, int]:
    """Offsets by key."""
    align = max((i.align for i in intervals), default=1)
    ceiling = -(-lower_bound(intervals) // align) * align
    placed, offsets, top = Placed(intervals), {}, False
    # Scratch last: it fills the hole between the two ends, and takes no turn.
    for interval in sorted(intervals, key=lambda i: (i.first == i.last, i.first, -i.last, -i.bytes)):
        offset = placed.highest(interval, ceiling) if top else None
        if offset is None:
            offset = placed.lowest(interval)
        offsets[interval.key] = placed.put(interval, offset)
        top = not top
    return offsets
