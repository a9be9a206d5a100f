"""Schedule -> MemoryPlan: where in the arena each buffer lies.

Analysis (lifetimes), then algorithms of one signature, the best result of which is kept;
ties go to the earlier one in ALGORITHMS. A solver may go on from there. docs/memory.md tells the rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from barecast.errors import ModelError
from barecast.planner.exact import solve
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

__all__ = [
    "ALGORITHMS", "ARENA_ALIGN", "Interval", "Placing", "arena_bytes", "lifetimes", "lower_bound", "place", "profile", "run"
]  # fmt: skip

ALGORITHMS: tuple[Algorithm, ...] = (greedy_by_size, two_ends, greedy_by_area, greedy_by_breadth, slide, local_search)
"""In the order of trying; the first that reaches the lower bound ends the search."""

ARENA_ALIGN = 16
"""What the caller must align the arena to: no buffer asks for more, and vector loads like it."""

ARENA_MAX = 2**31 - 1
"""Bytes: kernels count in 32 bits."""


@dataclass(frozen=True, eq=False)
class Placing:
    """offsets: by key. algorithm: the name of the one that found them. bound: bytes, what no offsets can beat."""

    offsets: Mapping[str, int]
    algorithm: str
    bound: int


def run(schedule: Schedule, effort: str = "fast") -> MemoryPlan:
    """The smallest arena that is found. ModelError if it is larger than ARENA_MAX. effort: as Options.planner."""
    intervals = lifetimes(schedule)
    found = place(intervals)
    if effort == "exact":
        found = _solved(intervals, found)
    placements = {i.key: Placement(ARENA, found.offsets[i.key], i.bytes, i.first, i.last) for i in intervals}
    # A model whose tensors are all empty needs no memory, but C has no arrays of 0 bytes.
    arena = max(1, top(intervals, found.offsets))
    if arena > ARENA_MAX:
        raise ModelError(
            f"a run needs {arena} bytes of memory, {ARENA_MAX} are the most", remedy="use smaller input extents"
        )
    held, state_bytes, state_align = state_placements(schedule)
    return MemoryPlan(placements | held, arena, ARENA_ALIGN, found.bound, found.algorithm, state_bytes, state_align)


def arena_bytes(intervals: tuple[Interval, ...]) -> int:
    """What the best placement takes."""
    return top(intervals, place(intervals).offsets)


def place(intervals: tuple[Interval, ...]) -> Placing:
    """The best result of ALGORITHMS."""
    bound = lower_bound(intervals)
    best: tuple[int, Placing] | None = None
    for algorithm in ALGORITHMS:
        offsets = algorithm(intervals)
        height = top(intervals, offsets)
        if best is None or height < best[0]:
            best = height, Placing(offsets, algorithm.__name__, bound)
        if best[0] <= bound:
            break
    return best[1]


def _solved(intervals: tuple[Interval, ...], known: Placing) -> Placing:
    found = solve(intervals, known.offsets, known.bound)
    better = top(intervals, found.offsets) < top(intervals, known.offsets)
    return Placing(found.offsets, "exact" if better else known.algorithm, found.bound)
