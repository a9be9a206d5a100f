"""Schedule -> Schedule: the steps in the order that takes least memory. docs/memory.md tells the rules."""

from __future__ import annotations

from dataclasses import dataclass, replace

from barecast import planner
from barecast.order.problem import Problem
from barecast.order.search import best
from barecast.order.segment import Segment, segments
from barecast.schedule import Schedule

__all__ = ["Ordered", "run", "sequence"]


WORK = 600_000
"""Steps that the search tries, in all, about."""


@dataclass(frozen=True)
class Ordered:
    """A sequence of a schedule's steps. peak: what lives at its fullest step, in bytes; proven: no sequence is below."""

    steps: tuple[int, ...]
    peak: int
    proven: bool


def run(schedule: Schedule) -> Schedule:
    """The schedule in the order that was found, if its plan takes less memory than that of the order as given."""
    found = sequence(schedule)
    if found.steps == tuple(range(len(schedule.steps))):
        return schedule
    ordered = replace(schedule, steps=tuple(schedule.steps[index] for index in found.steps))
    arenas = [planner.arena_bytes(planner.lifetimes(one)) for one in (schedule, ordered)]
    return ordered if arenas[1] < arenas[0] else schedule


def sequence(schedule: Schedule) -> Ordered:
    """Steps keep their places but where the memory is fullest, and there where no order needs less."""
    problem = Problem.of(schedule)
    levels = problem.levels()
    parts = [(max(levels[step][1] for step in part), part) for part in segments(problem)]
    free = {step for _, part in parts for step in part}
    # What lives before the run, and at the steps that have one place only, is taken in any order.
    floor = max([problem.inputs, *(taken for step, (_, taken) in enumerate(levels) if step not in free)])
    parts = [(peak, part) for peak, part in parts if peak > floor]
    order, proven = list(range(len(levels))), True
    for peak, part in sorted(parts, key=lambda one: (-one[0], one[1][0])):
        if peak <= floor:
            break
        found = best(Segment(problem, part, levels[part[0]][0]), floor, peak, WORK // len(parts))
        if found is None:
            floor = peak
            continue
        order[part.start : part.stop] = [part.start + step for step in found.steps]
        floor, proven = max(floor, found.peak), proven and found.proven
    return Ordered(tuple(order), floor, proven)
