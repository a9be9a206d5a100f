"""When each buffer must hold its data: the analysis that every placement algorithm starts from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from barecast.schedule import Buffer, Overlap, Schedule, Step, counter_key, scratch_key

MIN_ALIGN = 4
"""Buffers of 8-bit elements too: kernels load them by words."""

SCRATCH_ALIGN = 8


@dataclass(frozen=True)
class Over:
    """Leave for an interval to share bytes with `key`, which ends at the step where it begins.

    Its end must lie at most `behind` bytes behind the start of `key`, and its start at a multiple of `multiple` bytes
    from `phase` bytes behind that start.
    """

    key: str
    behind: int
    multiple: int = 1
    phase: int = 0


@dataclass(frozen=True)
class Interval:
    """`bytes` of memory that must stay untouched from step `first` to step `last`, both inclusive.

    first is -1 for what the caller fills in before a run, and last is the number of steps for
    what the caller reads after it. The offset is a multiple of `align`.

    over: what it may share bytes with. More than one entry of the same key must all hold.
    """

    key: str
    bytes: int
    first: int
    last: int
    align: int
    over: tuple[Over, ...] = ()


Algorithm = Callable[[tuple[Interval, ...]], Mapping[str, int]]
"""Every placement algorithm: intervals -> offset of each, by key."""


def lifetimes(schedule: Schedule) -> tuple[Interval, ...]:
    """One interval for each root buffer that a port, a state or a step uses, and for each step's scratch.

    A view extends the life of its root. An input lives from before the first step to its last
    reader (one that no step reads only has to be there before the run), an output to the end. What lies in a
    state's memory is no interval of the arena: the placement algorithms are not to see it.

    What the steps of a fork read and write, and their scratch memory, lives until the last of them has ended.

    What a stream of steps holds, reads and gives on lives as long as it runs; only rows that pass from step to step,
    and scratch memory, live in these steps alone.
    """
    end = len(schedule.steps)
    first: dict[str, int] = {}
    last: dict[str, int] = {}

    def use(name: str, when: int) -> None:
        root, _ = schedule.root(name)
        if root in schedule.slot_of:
            return
        since = until = when
        stream = schedule.stream_of.get(when)
        if stream is not None and not (root in stream.held and stream.held[root].passing):
            since, until = stream.first, stream.last
        elif (fork := schedule.fork_of.get(when)) is not None:
            since, until = fork.first, fork.last
        first[root] = min(first.get(root, since), since)
        last[root] = max(last.get(root, until), until)

    fed = {stream.fed for stream in schedule.streams}
    for border in schedule.inputs:
        if border.buffer not in fed:
            use(border.buffer, -1)
    for index, step in enumerate(schedule.steps):
        for arg in step.args:
            if isinstance(arg, Buffer):
                use(arg.name, index)
        for guard in step.guards:
            use(guard.condition, index)
    for border in schedule.outputs:
        use(border.buffer, end)

    over = {}
    for index, step in enumerate(schedule.steps):
        root = schedule.root(step.outputs[0])[0]
        # How far an output may run over an input is said of one call alone, which goes through its rows in order.
        if first.get(root) == index and index not in schedule.fork_of:
            over[root] = tuple(
                leave for leave in leaves(schedule, step, schedule.overlaps(index)) if last.get(leave.key) == index
            )
    found = [
        Interval(
            root, schedule.bytes_of(root), first[root], last[root], _align(schedule, root), over.get(root, ())
        )
        for root in first
    ]
    found += [
        Interval(scratch_key(index), step.scratch, *_during(schedule, index), SCRATCH_ALIGN)
        for index, step in enumerate(schedule.steps)
        if step.scratch
    ]
    found += [
        Interval(counter_key(stream), stream.counter_bytes, -1, end, MIN_ALIGN)
        for stream in schedule.streams
        if stream.fed is not None
    ]
    return tuple(found)


def _during(schedule: Schedule, index: int) -> tuple[int, int]:
    """The first and the last step that may run when this one does."""
    fork = schedule.fork_of.get(index)
    return (index, index) if fork is None else (fork.first, fork.last)


def leaves(
    schedule: Schedule, step: Step, overlaps: tuple[tuple[str, Overlap], ...] | None = None
) -> tuple[Over, ...]:
    """What of its inputs the kernel lets the step's output share bytes with, if nothing else wants them later.

    overlaps: as Step.overlaps, which it is if left out.
    """
    if len(step.outputs) != 1 or schedule.root(step.outputs[0]) != (step.outputs[0], 0):
        return ()
    found: list[Over] = []
    forbidden = {schedule.root(guard.condition)[0] for guard in step.guards}
    for name, overlap in step.overlaps if overlaps is None else overlaps:
        root, inside = schedule.root(name)
        if overlap.bytes > 0 and root not in schedule.slot_of:
            found.append(Over(root, inside + overlap.bytes, overlap.multiple, inside % overlap.multiple))
        else:
            forbidden.add(root)
    return tuple(leave for leave in found if leave.key not in forbidden)


def shared_bytes(over: Iterable[Over], size: Callable[[str], int]) -> dict[str, int]:
    """How many bytes of each interval the leaves let another one have at most. size: bytes by key."""
    found: dict[str, int] = {}
    for leave in over:
        found[leave.key] = min(found.get(leave.key, size(leave.key)), leave.behind)
    return found


def _align(schedule: Schedule, root: str) -> int:
    return max(MIN_ALIGN, schedule.buffers[root].dtype.bytes)
