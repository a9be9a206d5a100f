"""Schedule -> MemoryPlan: where in the arena each buffer lies.

Analysis (lifetimes), then algorithms of one signature, the best result of which is kept;
ties go to the earlier one in ALGORITHMS. docs/memory.md tells the rules.
"""

from __future__ import annotations

from barecast.errors import ModelError
from barecast.planner.greedy_by_area import greedy_by_area
from barecast.planner.greedy_by_breadth import greedy_by_breadth
from barecast.planner.greedy_by_size import greedy_by_size
from barecast.planner.lifetimes import Algorithm, Interval, lifetimes
from barecast.planner.local_search import local_search, top
from barecast.planner.lower_bound import lower_bound, profile
from barecast.planner.slide import slide
from barecast.planner.slots import state_placements
from barecast.planner.two_ends import two_ends
from barecast.schedule import ARENA, MemoryPlan, Placement, Schedule

__all__ = ["ALGORITHMS", "ARENA_ALIGN", "Interval", "arena_bytes", "lifetimes", "lower_bound", "place", "profile", "run"]

ALGORITHMS: tuple[Algorithm, ...] = (greedy_by_size, two_ends, greedy_by_area, greedy_by_breadth, slide, local_search)
"""In the order of trying; the first that reaches the lower bound ends the search."""

ARENA_ALIGN = 16
"""What the caller must align the arena to: no buffer asks for more, and vector loads like it."""

ARENA_MAX = 2**31 - 1
"""Bytes: kernels count in 32 bits."""


def run(schedule: Schedule) -> MemoryPlan:
    """The smallest arena that any of ALGORITHMS finds. ModelError if it is larger than ARENA_MAX."""
    intervals = lifetimes(schedule)
    offsets, algorithm = place(intervals)
    placements = {i.key: Placement(ARENA, offsets[i.key], i.bytes, i.first, i.last) for i in intervals}
    # A model whose tensors are all empty needs no memory, but C has no arrays of 0 bytes.
    arena = max(1, top(intervals, offsets))
    if arena > ARENA_MAX:
        raise ModelError(
            f"a run needs {arena} bytes of memory, {ARENA_MAX} are the most", remedy="use smaller input extents"
        )
    held, state_bytes, state_align = state_placements(schedule)
    bound = lower_bound(intervals)
    return MemoryPlan(placements | held, arena, ARENA_ALIGN, bound, algorithm, state_bytes, state_align)


def arena_bytes(intervals: tuple[Interval, ...]) -> int:
    """What the best placement takes."""
    return top(intervals, place(intervals)[0])


def place(intervals: tuple[Interval, ...]) -> tuple[dict[str, int], str]:
    """(offsets by key, name of the algorithm that found them)."""
    bound = lower_bound(intervals)
    best: tuple[int, dict[str, int], str] | None = None
    for algorithm in ALGORITHMS:
        offsets = dict(algorithm(intervals))
        height = top(intervals, offsets)
        if best is None or height < best[0]:
            best = (height, offsets, algorithm.__name__)
        if best[0] <= bound:
            break
    return best[1], best[2]
