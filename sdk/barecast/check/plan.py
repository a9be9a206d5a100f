"""A MemoryPlan checked by what memory is for: data must still be there when a step reads it.

Nothing here knows lifetimes, and nothing is shared with the planner. The steps are played
through on a map of the memory that remembers whose data each byte holds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping

from barecast.check.streams import RowPlayer, Spot
from barecast.errors import InternalError, printable
from barecast.rows import Stream
from barecast.schedule import (
    ARENA,
    STATE,
    Buffer,
    Fork,
    MemoryPlan,
    Placement,
    Schedule,
    Step,
    counter_key,
    scratch_key,
)


def plan(schedule: Schedule, value: MemoryPlan) -> None:
    """InternalError if a buffer lies outside of its region, is misaligned or is overwritten while it is still wanted."""
    _check_numbers(value)
    _check_hot(schedule, value)
    arena = _Memory(value)
    fed = {stream.fed for stream in schedule.streams}
    resident = [border.buffer for border in schedule.inputs if border.buffer not in fed]
    for name in resident:
        _check_element_align(schedule, value, name)
        arena.write(name, "the caller")
    counters = [counter_key(stream) for stream in schedule.streams if stream.fed is not None]
    for key in counters:
        arena.write(key, "the start of a run")
    for slot in schedule.slots:
        _check_element_align(schedule, value, slot.buffer)
        arena.write(slot.buffer, "the run before")
    for name in resident:
        arena.read(name, "the first step")
    started: set[str] = set()
    for index, step in enumerate(schedule.steps):
        stream, fork = schedule.stream_of.get(index), schedule.fork_of.get(index)
        if fork is not None:
            if index == fork.first:
                _play_fork(schedule, value, arena, fork, started)
        elif stream is None:
            _play(schedule, value, arena, step, index, started)
        elif index == stream.first:
            _play_stream(schedule, value, arena, stream, started)
    for border in schedule.outputs:
        arena.read(schedule.root(border.buffer)[0], "the caller")
    for slot in schedule.slots:
        arena.read(slot.after, "the next run")
    for key in counters:
        arena.read(key, "the caller, with more rows,")
    _check_regions(schedule, value)


def _fail(reason: str) -> None:
    raise InternalError(f"memory plan: {reason}")


def _check_numbers(value: MemoryPlan) -> None:
    if value.align < 1 or value.align & (value.align - 1):
        _fail(f"the arena's alignment {value.align} is no power of two")
    if value.lower_bound > value.arena_bytes:
        _fail(f"an arena of {value.arena_bytes} B is below its lower bound {value.lower_bound}")
    limits = {STATE: value.state_bytes}
    for region in value.regions:
        if region.name in limits:
            _fail(f"there are two regions {printable(region.name)}")
        if region.capacity is not None and region.bytes > region.capacity:
            _fail(f"{region.bytes} B are planned in {printable(region.name)}, which has {region.capacity}")
        limits[region.name] = region.bytes
    if sum(region.bytes for region in value.regions) != value.arena_bytes:
        _fail(f"the regions do not make up the {value.arena_bytes} B of the arena")
    if value.board is None and limits.keys() != {STATE, ARENA}:
        _fail("without a board there is one arena")
    for key, placement in value.placements.items():
        limit = limits.get(placement.region, -1)
        if placement.offset < 0 or placement.bytes < 0 or placement.offset + placement.bytes > limit:
            _fail(f"{printable(key)} lies outside of the {printable(placement.region)}")


def _check_hot(schedule: Schedule, value: MemoryPlan) -> None:
    """Hot constants: of this schedule, within what the arenas leave of their memories."""
    sizes = {id(const.data): const.data.nbytes for step in schedule.steps for const in step.constants}
    planned = {region.name: region for region in value.regions}
    for key, name in value.hot.items():
        if key not in sizes:
            _fail(f"a constant in {printable(name)} is none of the model's")
    for name in set(value.hot.values()) & planned.keys():
        capacity, taken = planned[name].capacity, planned[name].bytes
        taken += sum(-(-sizes[key] // 4) * 4 for key, where in value.hot.items() if where == name)
        if capacity is None or taken > capacity:
            _fail(f"{taken} B with constants are planned in {printable(name)}, which has {capacity}")


def _check_regions(schedule: Schedule, value: MemoryPlan) -> None:
    """What lies in the states' memory: each state's two buffers at its own place, and nothing else."""
    kept = {name for slot in schedule.slots for name in (slot.buffer, slot.after)}
    for key, placement in value.placements.items():
        if (key in kept) != (placement.region == STATE):
            _fail(f"{printable(key)} lies in the {printable(placement.region)}")
    for slot in schedule.slots:
        if value.placements[slot.buffer].offset != value.placements[slot.after].offset:
            _fail(f"{printable(slot.after)} is not kept where {printable(slot.buffer)} is looked for")


def _check_element_align(schedule: Schedule, value: MemoryPlan, name: str) -> None:
    root, inside = schedule.root(name)
    if root not in value.placements:
        _fail(f"{printable(root)} has no place")
    if value.placements[root].bytes != schedule.bytes_of(root):
        _fail(f"{printable(root)} has {value.placements[root].bytes} B, its type takes {schedule.bytes_of(root)}")
    region_align = value.state_align if value.placements[root].region == STATE else value.align
    if value.placements[root].offset % 4 or region_align % 4:
        _fail(f"{printable(root)} is not aligned to the 4 B that kernels may load at once")
    size = schedule.buffers[name].dtype.bytes
    if (value.placements[root].offset + inside) % size or region_align % size:
        _fail(f"{printable(name)} is not aligned to its elements of {size} B")


def _play(schedule: Schedule, value: MemoryPlan, arena: _Memory, step: Step, index: int, started: set[str]) -> None:
    where = f"step {index} ({step.kernel.symbol})"
    for name in (*step.inputs, *step.outputs):
        _check_element_align(schedule, value, name)
    for guard in step.guards:
        arena.read(schedule.root(guard.condition)[0], f"the condition of {where}")
    overwritten = _updated(schedule, value, step) | _overlapped(schedule, value, step)
    for name in overwritten:
        arena.read(schedule.root(name)[0], where)
    if step.scratch:
        _check_scratch(value, index, step.scratch, where)
        arena.write(scratch_key(index), where)
    for name in overwritten:
        arena.read(schedule.root(name)[0], where)
    for name in step.outputs:
        root, _ = schedule.root(name)
        if root in started:  # a second step that writes a part of it: the first one's part must still be there
            arena.read(root, where)
        arena.write(root, where)
        started.add(root)
    # While the step runs, all that it touches must be apart: what was written over an input or the scratch shows here.
    for name in (*step.inputs, *step.outputs):
        if name not in overwritten:
            arena.read(schedule.root(name)[0], where)
    for guard in step.guards:
        arena.read(schedule.root(guard.condition)[0], f"the condition of {where}")
    if step.scratch:
        arena.read(scratch_key(index), where)


def _play_fork(schedule: Schedule, value: MemoryPlan, arena: _Memory, fork: Fork, started: set[str]) -> None:
    """All that the steps touch must be apart while any of them runs."""
    steps = [schedule.steps[index] for index in fork.steps]
    where = f"the fork of steps {fork.first} to {fork.last}"
    roots = {schedule.root(name)[0] for step in steps for name in step.outputs}
    for name in (name for step in steps for name in (*step.inputs, *step.outputs)):
        _check_element_align(schedule, value, name)
    for index, step in zip(fork.steps, steps, strict=True):
        if step.scratch:
            _check_scratch(value, index, step.scratch, where)
            arena.write(scratch_key(index), where)
    for root in sorted(roots):
        if root in started:
            arena.read(root, where)
        arena.write(root, where)
        started.add(root)
    for name in (name for step in steps for name in (*step.inputs, *step.outputs)):
        arena.read(schedule.root(name)[0], where)
    for index, step in zip(fork.steps, steps, strict=True):
        if step.scratch:
            arena.read(scratch_key(index), where)


def _check_scratch(value: MemoryPlan, index: int, wanted: int, where: str) -> None:
    key = scratch_key(index)
    if key not in value.placements or value.placements[key].bytes != wanted:
        _fail(f"{where} has no scratch memory of {wanted} B")
    if value.placements[key].offset % 8:
        _fail(f"the scratch memory of {where} is not aligned to 8 B")


def _play_stream(schedule: Schedule, value: MemoryPlan, arena: _Memory, stream: Stream, started: set[str]) -> None:
    for index in stream.steps:
        for name in (*schedule.steps[index].inputs, *schedule.steps[index].outputs):
            _check_element_align(schedule, value, name)
    for name in {name for index in stream.steps for name in schedule.steps[index].outputs} - stream.held.keys():
        root, _ = schedule.root(name)
        if root in started:
            arena.read(root, "a stream that writes a part of it")
        # Which of its rows are there already is not told apart: a first reader of the whole would find other owners.
        started.add(root)
    RowPlayer(schedule, value, stream, arena.rows, _fail).play()


def _bytes_of(schedule: Schedule, value: MemoryPlan, name: str) -> tuple[str, int, int]:
    """(region, first byte, bytes) of a buffer or view."""
    root, inside = schedule.root(name)
    placement = value.placements[root]
    return placement.region, placement.offset + inside, schedule.buffers[name].bytes


def _updated(schedule: Schedule, value: MemoryPlan, step: Step) -> frozenset[str]:
    """The inputs that the step is allowed to overwrite: an output that may lie over them has their very bytes."""
    pairs = ((a.over, a.name) for a in step.args if isinstance(a, Buffer) and a.over is not None)
    return frozenset(
        over for over, name in pairs if _bytes_of(schedule, value, over) == _bytes_of(schedule, value, name)
    )


def _overlapped(schedule: Schedule, value: MemoryPlan, step: Step) -> frozenset[str]:
    """The inputs that the step's one output may run over where it lies: the kernel says so of every argument of theirs."""
    if len(step.outputs) != 1:
        return frozenset()
    region, start, size = _bytes_of(schedule, value, step.outputs[0])
    allowed, refused = set(), set()
    for name, rule in step.overlaps:
        other, at, _ = _bytes_of(schedule, value, name)
        holds = start + size <= at + rule.bytes and (start - at) % rule.multiple == 0
        (allowed if holds and other == region else refused).add(name)
    return frozenset(allowed - refused)


class _Memory:
    """The regions of a plan, by the keys of what lies in them."""

    def __init__(self, value: MemoryPlan) -> None:
        self._placements = value.placements
        self._regions = {region: _Region() for region in (STATE, *(region.name for region in value.regions))}

    def write(self, key: str, where: str) -> None:
        placement = self._place(key, where)
        if placement.bytes:
            self._regions[placement.region].write(key, placement.offset, placement.bytes)

    @property
    def rows(self) -> _Rows:
        return _Rows(self._regions)

    def read(self, key: str, where: str) -> None:
        placement = self._place(key, where)
        if placement.bytes:
            self._regions[placement.region].read(key, placement.offset, placement.bytes, where)

    def _place(self, key: str, where: str) -> Placement:
        if key not in self._placements:
            _fail(f"{printable(key)} has no place when {where} wants it")
        return self._placements[key]


class _Rows:
    """The same regions, by place, for what lies in a part of a buffer's."""

    def __init__(self, regions: Mapping[str, _Region]) -> None:
        self._regions = regions

    def write(self, label: str, spot: Spot) -> None:
        region, start, size = spot
        self._regions[region].write(label, start, size)

    def read(self, label: str, spot: Spot, where: str) -> None:
        region, start, size = spot
        self._regions[region].read(label, start, size, where)


class _Region:
    """Whose data each byte holds: boundaries in rising order, and the owner from each to the next."""

    def __init__(self) -> None:
        self._starts: list[int] = [0]
        self._owners: list[str | None] = [None]

    def write(self, key: str, start: int, size: int) -> None:
        end = start + size
        low, high = bisect_left(self._starts, start), bisect_right(self._starts, end)
        after = self._owners[high - 1]
        self._starts[low:high] = [start, end]
        self._owners[low:high] = [key, after]

    def read(self, key: str, start: int, size: int, where: str) -> None:
        end = start + size
        low, high = bisect_right(self._starts, start) - 1, bisect_left(self._starts, end)
        for owner in self._owners[low:high]:
            if owner != key:
                taken = "was never written" if owner is None else f"was overwritten by {printable(owner)}"
                _fail(f"{printable(key)} {taken} when {where} wants it")
