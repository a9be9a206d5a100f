"""When each buffer must hold its data: the analysis that every placement algorithm starts from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from barecast.schedule import Buffer, Schedule, scratch_key

MIN_ALIGN = 4
"""Buffers of 8-bit elements too: kernels load them by words."""

SCRATCH_ALIGN = 8


@dataclass(frozen=True)
class Interval:
    """`bytes` of memory that must stay untouched from step `first` to step `last`, both inclusive.

    first is -1 for what the caller fills in before a run, and last is the number of steps for
    what the caller reads after it. The offset is a multiple of `align`.
    """

    key: str
    bytes: int
    first: int
    last: int
    align: int


Algorithm = Callable[[tuple[Interval, ...]], Mapping[str, int]]
"""Every placement algorithm: intervals -> offset of each, by key."""


def lifetimes(schedule: Schedule) -> tuple[Interval, ...]:
    """One interval for each root buffer that a port, a state or a step uses, and for each step's scratch.

    A view extends the life of its root. An input lives from before the first step to its last
    reader (one that no step reads only has to be there before the run), an output to the end. What lies in a
    state's memory is no interval of the arena: the placement algorithms are not to see it.
    """
    end = len(schedule.steps)
    first: dict[str, int] = {}
    last: dict[str, int] = {}

    def use(name: str, when: int) -> None:
        root, _ = schedule.root(name)
        if root in schedule.slot_of:
            return
        first[root] = min(first.get(root, when), when)
        last[root] = max(last.get(root, when), when)

    for border in schedule.inputs:
        use(border.buffer, -1)
    for index, step in enumerate(schedule.steps):
        for arg in step.args:
            if isinstance(arg, Buffer):
                use(arg.name, index)
        for guard in step.guards:
            use(guard.condition, index)
    for border in schedule.outputs:
        use(border.buffer, end)

    found = [
        Interval(root, schedule.buffers[root].bytes, first[root], last[root], _align(schedule, root)) for root in first
    ]
    found += [
        Interval(scratch_key(index), step.scratch, index, index, SCRATCH_ALIGN)
        for index, step in enumerate(schedule.steps)
        if step.scratch
    ]
    return tuple(found)


def _align(schedule: Schedule, root: str) -> int:
    return max(MIN_ALIGN, schedule.buffers[root].dtype.bytes)
