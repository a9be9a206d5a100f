"""Compiled -> Report: what each step does, and what lies where in memory while it runs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from barecast import emit, toolchain
from barecast.boards import Board
from barecast.graph import TensorType
from barecast.pipeline import Compiled
from barecast.schedule import MemoryPlan, PlannedRegion, Schedule, counter_key, scratch_key
from barecast.toolchain import Sizes
from barecast.version import __version__

INPUT, OUTPUT, BETWEEN, SCRATCH, STATE_ROLE = "input", "output", "between", "scratch", "state"
"""What a block is: an input of the model, an output, anything between, a kernel's scratch memory, or a state."""


@dataclass(frozen=True)
class Block:
    """Bytes of a region that are wanted from step `first` to step `last`, both inclusive.

    first is -1 for what is there before a run, last the number of steps for what is read after it. name: the model's
    own. types: "[1,8,8,16] s8"; of scratch memory "". written_by, read_by: steps, counted from 0. rows: "3 rows of 48" where
    steps run by rows and only so many are there, else "".
    """

    name: str
    role: str
    types: str
    offset: int
    bytes: int
    first: int
    last: int
    written_by: tuple[int, ...]
    read_by: tuple[int, ...]
    rows: str = ""

    @property
    def end(self) -> int:
        return self.offset + self.bytes


@dataclass(frozen=True)
class Shared:
    """Bytes that two blocks hold in the same steps: `over` is written there while `under` is still read."""

    over: str
    under: str
    offset: int
    bytes: int
    first: int
    last: int


@dataclass(frozen=True)
class Region:
    """One memory. name: "arena", or that of a board's memory. capacity: what may be taken of that, None without a board.
    live: for each step the bytes that hold something wanted. peak: the first step that has most."""

    name: str
    bytes: int
    capacity: int | None
    blocks: tuple[Block, ...]
    shared: tuple[Shared, ...]
    live: tuple[int, ...]
    peak: int


@dataclass(frozen=True)
class StepFacts:
    """One kernel call. inputs, outputs: "[1,8,8,16] s8"; live_bytes: of all regions.
    together: the first and the last of the steps that it runs with by rows, None if it runs alone. only_if: what must hold
    for it to run, "x is true", outermost first.
    """

    title: str
    op: str
    kernel: str
    source: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    macs: int
    weights_bytes: int
    scratch_bytes: int
    live_bytes: int
    together: tuple[int, int] | None
    only_if: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """arena_lower_bound_bytes: no plan takes less. arena_optimal: this one takes no
    more; if it does, none may take less either. constants_bytes: of flash, weights and all. code_bytes: machine code;
    None if it was not built. hot_bytes: of constants that start-up copies to RAM. board, flash_bytes: None without one.
    regions: the arena, or one in each of the board's memories that are used, fastest first. peak: the first step that has
    most live bytes. states: what is kept from run to run, in a struct of its own.
    """

    model: str
    target: str
    barecast: str
    arena_bytes: int
    arena_lower_bound_bytes: int
    arena_optimal: bool
    planner: str
    state_bytes: int
    constants_bytes: int
    code_bytes: int | None
    macs: int
    hot_bytes: int
    board: str | None
    flash_bytes: int | None
    peak: int
    regions: tuple[Region, ...]
    states: tuple[Block, ...]
    steps: tuple[StepFacts, ...]

    def as_json(self) -> dict[str, Any]:
        """The keys that docs/commands.md promises."""
        return asdict(self)


def report(compiled: Compiled, board: Board | None = None, *, build: bool = False) -> Report:
    """build: compile it for its target, to know the bytes of machine code. ToolError if that cannot be done."""
    schedule, plan = compiled.schedule, compiled.plan
    regions = tuple(_region(schedule, plan, region) for region in plan.regions)
    live = [sum(of_one) for of_one in zip(*(region.live for region in regions), strict=True)]
    return Report(
        model=compiled.model.name,
        target=compiled.target.name,
        barecast=__version__,
        arena_bytes=plan.arena_bytes,
        arena_lower_bound_bytes=plan.lower_bound,
        arena_optimal=plan.is_optimal,
        planner=plan.algorithm,
        state_bytes=plan.state_bytes,
        constants_bytes=emit.manifest(compiled.tree)["constants_bytes"],
        code_bytes=_built(compiled).code_bytes if build else None,
        macs=sum(step.macs for step in schedule.steps),
        hot_bytes=_hot(schedule, plan),
        board=board.name if board and not board.is_linux else None,
        flash_bytes=board.flash_bytes if board and not board.is_linux else None,
        peak=_fullest(live),
        regions=regions,
        states=_states(schedule, plan),
        steps=_steps(schedule, live),
    )


def _built(compiled: Compiled) -> Sizes:
    with tempfile.TemporaryDirectory(prefix="barecast-") as place:
        folder = compiled.tree.write(Path(place) / "source")
        optimize = compiled.options.optimize
        return toolchain.sizes(folder, compiled.target, out=Path(place) / "build", optimize=optimize)


def _hot(schedule: Schedule, plan: MemoryPlan) -> int:
    constants = {id(const.data): const.data.nbytes for step in schedule.steps for const in step.constants}
    return sum(constants[key] for key in plan.hot)


def _fullest(live: Sequence[int]) -> int:
    return live.index(max(live)) if live else 0


def _region(schedule: Schedule, plan: MemoryPlan, region: PlannedRegion) -> Region:
    blocks = tuple(sorted(_blocks(schedule, plan, region.name), key=lambda block: (block.first, block.offset)))
    live = tuple(_union(block for block in alive) for alive in _alive(blocks, len(schedule.steps)))
    return Region(region.name, region.bytes, region.capacity, blocks, _shared(blocks), live, _fullest(live))


def _blocks(schedule: Schedule, plan: MemoryPlan, region: str) -> Iterable[Block]:
    roles = {schedule.root(border.buffer)[0]: INPUT for border in schedule.inputs}
    roles |= {schedule.root(border.buffer)[0]: OUTPUT for border in schedule.outputs}
    scratch = {scratch_key(index): index for index in range(len(schedule.steps))}
    counters = {counter_key(stream): tuple(stream.steps) for stream in schedule.streams}
    written, read = _users(schedule)
    held = {name: one for stream in schedule.streams for name, one in stream.held.items()}
    rows = {name: f"{one.rows} row{'s' if one.rows > 1 else ''} of {one.height}" for name, one in held.items()}
    for key, place in plan.placements.items():
        if place.region != region or not place.bytes:
            continue
        if key in scratch and key not in schedule.buffers:
            index = (scratch[key],)
            facts = ("scratch memory", SCRATCH, "", place.offset, place.bytes, place.first, place.last, index, index)
        elif key in counters:
            by = counters[key]
            facts = ("counters of rows", BETWEEN, "", place.offset, place.bytes, place.first, place.last, by, by)
        else:
            facts = (key, roles.get(key, BETWEEN), type_text(schedule.buffers[key]), place.offset, place.bytes)
            facts += (place.first, place.last, tuple(written.get(key, ())), tuple(read.get(key, ())), rows.get(key, ""))
        yield Block(*facts)


def _states(schedule: Schedule, plan: MemoryPlan) -> tuple[Block, ...]:
    written, read = _users(schedule)
    found = []
    for slot in schedule.slots:
        place = plan.placements[slot.buffer]
        users = tuple(written.get(slot.after, ())), tuple(read.get(slot.buffer, ()))
        spans = (place.offset, place.bytes, place.first, place.last)
        found.append(Block(slot.name, STATE_ROLE, type_text(slot.type), *spans, *users))
    return tuple(found)


def _users(schedule: Schedule) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """(steps that write each root buffer, steps that read it), a step once."""
    written: dict[str, dict[int, None]] = {}
    read: dict[str, dict[int, None]] = {}
    for index, step in enumerate(schedule.steps):
        conditions = (guard.condition for guard in step.guards)
        for found, names in ((written, step.outputs), (read, (*step.inputs, *conditions))):
            for name in names:
                found.setdefault(schedule.root(name)[0], {})[index] = None
    return {name: list(steps) for name, steps in written.items()}, {name: list(steps) for name, steps in read.items()}


def _alive(blocks: tuple[Block, ...], count: int) -> list[list[Block]]:
    """The blocks that are wanted in each step."""
    alive: list[list[Block]] = [[] for _ in range(count)]
    for block in blocks:
        for index in range(max(block.first, 0), min(block.last, count - 1) + 1):
            alive[index].append(block)
    return alive


def _union(blocks: Iterable[Block]) -> int:
    """Bytes that any of the blocks covers."""
    total = end = 0
    for block in sorted(blocks, key=lambda block: block.offset):
        total += max(0, block.end - max(end, block.offset))
        end = max(end, block.end)
    return total


def _shared(blocks: tuple[Block, ...]) -> tuple[Shared, ...]:
    """Where blocks lie over each other at the same time. `blocks` are in the order of their first steps."""
    found: list[Shared] = []
    alive: list[Block] = []
    for block in blocks:
        alive = [other for other in alive if other.last >= block.first]
        for other in alive:
            low, high = max(block.offset, other.offset), min(block.end, other.end)
            if low < high:
                steps = (block.first, min(block.last, other.last))
                found.append(Shared(block.name, other.name, low, high - low, *steps))
        alive.append(block)
    return tuple(found)


def _steps(schedule: Schedule, live: Sequence[int]) -> tuple[StepFacts, ...]:
    return tuple(
        StepFacts(
            title=step.title,
            op=step.op,
            kernel=step.kernel.symbol.removeprefix("bc_"),
            source=step.source,
            inputs=tuple(type_text(schedule.buffers[name]) for name in step.inputs),
            outputs=tuple(type_text(schedule.buffers[name]) for name in step.outputs),
            macs=step.macs,
            weights_bytes=sum(const.data.nbytes for const in step.constants),
            scratch_bytes=step.scratch,
            live_bytes=live[index],
            together=(stream.first, stream.last) if (stream := schedule.stream_of.get(index)) else None,
            only_if=tuple(f"{guard.condition} is {'true' if guard.value else 'false'}" for guard in step.guards),
        )
        for index, step in enumerate(schedule.steps)
    )


def type_text(type_: TensorType) -> str:
    """ "[1,8,8,16] s8"."""
    return f"[{','.join(map(str, type_.shape))}] {type_.dtype.value}"
