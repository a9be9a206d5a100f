"""Schedule and board -> MemoryPlan: an arena in each of the board's memories that the model needs, by traffic.

docs/memory.md tells the rules. What does not fit is refused with the numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from barecast import boards
from barecast.boards import Board, Place
from barecast.errors import UsageError, printable, refusal
from barecast.planner import ARENA_ALIGN
from barecast.planner.divide import Division, Memory, bound_of_several, divide
from barecast.planner.lifetimes import Interval, lifetimes
from barecast.planner.lower_bound import lower_bound
from barecast.planner.slots import state_placements
from barecast.planner.traffic import Traffic, traffic
from barecast.schedule import Const, MemoryPlan, Placement, PlannedRegion, Schedule, scratch_key

CONST_ALIGN = 4
SHOWN = 3
"""Buffers of the fullest step that a refusal names, largest first; boards that would do, smallest first."""


def run(schedule: Schedule, board: Board) -> MemoryPlan:
    """The plan for the first of the board's places that takes the model. UsageError with the numbers if none does."""
    intervals, moved = lifetimes(schedule), traffic(schedule)
    constants = {id(c.data): c for step in schedule.steps for c in step.constants}
    held, state_bytes, state_align = state_placements(schedule)
    too_small: list[tuple[int, UsageError]] = []
    too_many: list[tuple[int, UsageError]] = []
    divisions: dict[tuple[Memory, ...], Division | None] = {}
    for place in board.places:
        memories = _memories(board, place, state_bytes)
        flash, constant_bytes = board.region(place.constants), sum(c.data.nbytes for c in constants.values())
        if constant_bytes > flash.length - flash.reserved:
            too_many.append((flash.length, _too_many_constants(board, place, constant_bytes)))
        if tuple(memories) not in divisions:
            divisions[tuple(memories)] = _divided(schedule, intervals, moved, memories)
        division = divisions[tuple(memories)]
        if division is None:
            room = sum(memory.bytes for memory in memories)
            too_small.append((room, _too_small(schedule, intervals, board, memories)))
        if division is None or constant_bytes > flash.length - flash.reserved:
            continue
        regions = tuple(_regions(intervals, division, memories))
        # A buffer without bytes may be all that there is in a memory, which makes no arena.
        empty = regions[0].name, 0
        placements = {
            i.key: Placement(*(division.offsets[i.key] if i.bytes else empty), i.bytes, i.first, i.last) for i in intervals
        }
        return MemoryPlan(
            placements | held,
            sum(region.bytes for region in regions),
            ARENA_ALIGN,
            lower_bound(intervals) if len(regions) == 1 else bound_of_several(intervals),
            "divided" if len(regions) > 1 else "one memory",
            state_bytes,
            state_align,
            tuple(regions),
            _hot(constants, moved, board, place, regions, state_bytes),
            board.name,
        )
    # Of all places the one with most room tells what is missing.
    everywhere = [several for several in (too_small, too_many) if len(several) == len(board.places)]
    worst = [max(several, key=lambda one: one[0])[1] for several in everywhere or (too_small, too_many) if several]
    raise refusal(worst)


def _divided(
    schedule: Schedule, intervals: tuple[Interval, ...], moved: Traffic, memories: Sequence[Memory]
) -> Division | None:
    """Where an input comes in rows there is one arena: the first memory that takes all, by cycles."""
    if all(stream.fed is None for stream in schedule.streams):
        return divide(intervals, moved.buffers, memories)
    ranked = sorted(memories, key=lambda memory: memory.cycles)
    found = (divide(intervals, moved.buffers, [memory]) for memory in ranked)
    return next((division for division in found if division is not None), None)


def _memories(board: Board, place: Place, state_bytes: int) -> list[Memory]:
    """Where arenas may lie, and how many bytes of each may be taken."""
    names = place.arenas or (place.arena,)
    return [
        Memory(name, max(0, board.room(name, place) - (state_bytes if name == place.data else 0)), board.region(name).cycles)
        for name in names
    ]


def _regions(intervals: tuple[Interval, ...], division: Division, memories: Sequence[Memory]) -> list[PlannedRegion]:
    """The memories that are used, fastest first. C has no arrays of 0 bytes."""
    tops = {memory.name: 0 for memory in memories}
    for interval in intervals:
        name, offset = division.offsets[interval.key]
        tops[name] = max(tops[name], offset + interval.bytes if interval.bytes else 0)
    ranked = sorted(memories, key=lambda memory: memory.cycles)
    used = [memory for memory in ranked if tops[memory.name]] or [max(ranked, key=lambda memory: memory.bytes)]
    return [PlannedRegion(m.name, max(1, tops[m.name]), m.bytes, m.cycles) for m in used]


def _hot(
    constants: dict[int, Const],
    moved: Traffic,
    board: Board,
    place: Place,
    regions: Sequence[PlannedRegion],
    state_bytes: int,
) -> dict[int, str]:
    """The constants of most traffic for each byte, in what the arenas leave of faster memories."""
    taken = {region.name: region.bytes for region in regions}
    left = {m.name: m.bytes - taken.get(m.name, 0) for m in _memories(board, replace(place, arenas=place.hot), state_bytes)}
    slow = board.region(place.constants).cycles
    found: dict[int, str] = {}
    order = sorted(
        (key for key, const in constants.items() if const.data.nbytes),
        key=lambda key: -moved.constants[key] / constants[key].data.nbytes,
    )
    for name in sorted((n for n in place.hot if board.region(n).cycles < slow), key=lambda n: board.region(n).cycles):
        for key in order:
            size = -(-constants[key].data.nbytes // CONST_ALIGN) * CONST_ALIGN
            if key not in found and size <= left[name]:
                found[key] = name
                left[name] -= size
    return found


def _too_many_constants(board: Board, place: Place, needed: int) -> UsageError:
    flash = board.region(place.constants)
    return UsageError(
        f"the constants take {needed} bytes, {flash.name} of board {board.name} has {flash.length - flash.reserved} for them",
        remedy="take a smaller model, weights of 8 bits, or a board with more flash",
    )


def _too_small(
    schedule: Schedule, intervals: tuple[Interval, ...], board: Board, memories: Sequence[Memory]
) -> UsageError:
    """What is needed, by which step, of what there is, and what would help."""
    step, needed = _fullest(schedule, intervals)
    room = sum(memory.bytes for memory in memories)
    there = " and ".join(f"{memory.bytes} bytes in {memory.name}" for memory in memories)
    live = sorted((i for i in intervals if i.first <= step <= i.last and i.bytes), key=lambda i: (-i.bytes, i.key))
    told = ", ".join(f"{_name(schedule, i.key)} {i.bytes}" for i in live[:SHOWN])
    more = f" and {len(live) - SHOWN} more" if len(live) > SHOWN else ""
    at = f"step {step + 1} of {len(schedule.steps)} ({printable(schedule.steps[step].title)})" if schedule.steps else "a run"
    reason = f"{at} needs {needed} bytes of memory at once ({told}{more}), board {board.name} has {there} for them"
    largest = max(memory.bytes for memory in memories)
    if needed <= room:
        alone = live and live[0].bytes > largest
        reason += f": {live[0].bytes} bytes lie in none of them" if alone else ": no way was found to divide them"
    return UsageError(reason, remedy=_remedy(schedule, live, board, needed))


def _fullest(schedule: Schedule, intervals: tuple[Interval, ...]) -> tuple[int, int]:
    """(the step with the most bytes, how many), less what may share bytes."""
    bound = bound_of_several(intervals)
    for step in range(len(schedule.steps)):
        alive = (i for i in intervals if i.first <= step <= i.last)
        at = tuple(replace(i, first=step, last=step, over=i.over if i.first == step else ()) for i in alive)
        if bound_of_several(at) >= bound:
            return step, bound
    return 0, bound


def _remedy(schedule: Schedule, live: Sequence[Interval], board: Board, needed: int) -> str:
    ways, keys = [], {interval.key for interval in live}
    ports = [b for b in (*schedule.inputs, *schedule.outputs) if schedule.root(b.buffer)[0] in keys]
    if any(port.type.dtype.is_float for port in ports):
        ways.append("take its inputs and outputs as integers (io quantized, if it is a quantised model)")
    known = [boards.load(name) for name in boards.names() if name != board.name]
    if others := sorted((b for b in known if _takes(b, board.target, needed)), key=lambda b: (b.ram_bytes, b.name)):
        ways.append(f"take board {' or '.join(other.name for other in others[:SHOWN])}")
    if not schedule.streams:
        ways.append("let layers run by rows (optimize ram)")
    ways.append("take smaller input extents, or a smaller model")
    return "; ".join(ways)


def _takes(other: Board, target: str, needed: int) -> bool:
    most = max((sum(other.room(n, p) for n in (p.arenas or (p.arena,))) for p in other.places), default=0)
    return other.target == target and most >= needed


def _name(schedule: Schedule, key: str) -> str:
    for label, borders in (("input", schedule.inputs), ("output", schedule.outputs)):
        for border in borders:
            if schedule.root(border.buffer)[0] == key:
                return f'{label} "{printable(border.name)}"'
    if key in schedule.buffers:
        return f'"{printable(key)}"'
    index = next((i for i in range(len(schedule.steps)) if scratch_key(i) == key), None)
    return key if index is None else f"scratch of step {index + 1}"
