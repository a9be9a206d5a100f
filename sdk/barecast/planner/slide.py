"""In order of execution, each buffer as high as it goes below the top: chains whose outputs run over their inputs.

An output may begin below its input but not above, so such a chain wanders downwards. From the top down it finds the
place for it, and what a wide layer leaves free above serves the scratch memory and the branches of later ones.
"""

from __future__ import annotations

from collections.abc import Mapping

from barecast.planner.lifetimes import Interval
from barecast.planner.placed import Placed


def slide(intervals: tuple[Interval, ...]) -> Mapping[str, int]:
    """Offsets by key."""
    align = max((i.align for i in intervals), default=1)
    ceiling = sum(-(-i.bytes // align) * align for i in intervals) + align
    placed, offsets = Placed(intervals), {}
    # Scratch last: it fills what is left.
    for interval in sorted(intervals, key=lambda i: (i.first == i.last, i.first, -i.last, -i.bytes)):
        offset = placed.highest(interval, ceiling)
        offsets[interval.key] = placed.put(interval, placed.lowest(interval) if offset is None else offset)
    unused = min(offsets.values(), default=0) // align * align
    return {key: offset - unused for key, offset in offsets.items()}
