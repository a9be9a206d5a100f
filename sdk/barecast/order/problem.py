"""What an order of steps must keep, and what memory it takes: the schedule as numbers, for the search."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from barecast.planner.lifetimes import MIN_ALIGN, leaves, shared_bytes
from barecast.schedule import Buffer, Schedule, Step

CLOSE_LOOK = 64
"""Accesses to one buffer up to which those of parts that lie apart are told from others."""


@dataclass(frozen=True)
class Problem:
    """Steps and buffers by number. before: for each step those that must run earlier (others follow from these).

    uses: for each step the buffers of the arena that it touches, writes: those of them that it writes; sizes: theirs, in
    bytes, rounded up to whole words; users: for each buffer the steps that touch it. inputs: bytes of all of the model's
    inputs. given: buffers that hold data before the run, kept: after it.
    scratch: bytes for each step. shares: (buffer, bytes) for each step: so many bytes of the buffer may be shared with
    the output that the step begins, whose number is in `begins` (-1: none), if nothing reads the buffer later.
    """

    before: tuple[tuple[int, ...], ...]
    uses: tuple[tuple[int, ...], ...]
    writes: tuple[tuple[int, ...], ...]
    users: tuple[tuple[int, ...], ...]
    sizes: tuple[int, ...]
    inputs: int
    given: frozenset[int]
    kept: frozenset[int]
    scratch: tuple[int, ...]
    shares: tuple[tuple[tuple[int, int], ...], ...]
    begins: tuple[int, ...]

    @classmethod
    def of(cls, schedule: Schedule) -> Problem:
        number: dict[str, int] = {}
        uses = []
        for step in schedule.steps:
            roots = dict.fromkeys(root for root, *_ in _accesses(schedule, step) if root not in schedule.slot_of)
            uses.append(tuple(number.setdefault(root, len(number)) for root in roots))
        users: list[list[int]] = [[] for _ in number]
        for index, touched in enumerate(uses):
            for buffer in touched:
                users[buffer].append(index)

        def written(name: str) -> int | None:
            return number.get(schedule.root(name)[0])

        begins, shares = [], []
        for step in schedule.steps:
            shared = shared_bytes(leaves(schedule, step), lambda key: schedule.buffers[key].bytes)
            shares.append(tuple((number[key], words(size)) for key, size in shared.items()))
            begins.append(number.get(step.outputs[0], -1) if shared else -1)
        ends = ({schedule.root(b.buffer)[0] for b in borders} for borders in (schedule.inputs, schedule.outputs))
        given, kept = (frozenset(number[root] for root in roots if root in number) for roots in ends)
        return cls(
            _before(schedule),
            tuple(uses),
            tuple(tuple(n for n in map(written, step.outputs) if n is not None) for step in schedule.steps),
            tuple(map(tuple, users)),
            tuple(words(schedule.buffers[root].bytes) for root in number),
            sum(words(border.type.bytes) for border in schedule.inputs),
            given,
            kept,
            tuple(words(step.scratch) for step in schedule.steps),
            tuple(shares),
            tuple(begins),
        )

    def levels(self) -> tuple[tuple[int, int], ...]:
        """For each step of the schedule as it stands: (bytes that live before it, bytes that live while it runs)."""
        live, found = sum(self.sizes[number] for number in self.given), []
        for step, uses in enumerate(self.uses):
            new = [n for n in self.writes[step] if self.users[n][0] == step and n not in self.given]
            old = {n for n in uses if self.users[n][-1] == step and n not in self.kept}
            shared = 0
            if self.begins[step] in new:
                last = sum(size for number, size in self.shares[step] if number in old)
                shared = min(self.sizes[self.begins[step]], last)
            grown = live + sum(self.sizes[number] for number in new)
            found.append((live, grown + self.scratch[step] - shared))
            live = grown - sum(self.sizes[number] for number in old)
        return tuple(found)


def words(size: int) -> int:
    """Bytes that a buffer of `size` bytes takes from others: they begin at whole words."""
    return -(-size // MIN_ALIGN) * MIN_ALIGN


@dataclass(frozen=True)
class _Access:
    step: int
    start: int
    end: int
    writes: bool

    def conflicts(self, other: _Access) -> bool:
        return (self.writes or other.writes) and self.start < other.end and other.start < self.end


def _accesses(schedule: Schedule, step: Step) -> Iterator[tuple[str, int, int, bool]]:
    """(root, first byte, end, whether it is written) of all that a step touches, its conditions included."""
    touched = [(arg.name, arg.written) for arg in step.args if isinstance(arg, Buffer)]
    touched += [(guard.condition, False) for guard in step.guards]
    for name, writes in touched:
        root, start = schedule.root(name)
        yield root, start, start + schedule.buffers[name].bytes, writes


def _before(schedule: Schedule) -> tuple[tuple[int, ...], ...]:
    """For each step the earlier ones that write what it touches, or touch what it writes: in whichever order they
    stand, they must stay. What lies in one state's memory counts as one buffer."""
    history: dict[str | int, list[_Access]] = defaultdict(list)
    for index, step in enumerate(schedule.steps):
        for root, start, end, writes in _accesses(schedule, step):
            history[schedule.slot_of.get(root, root)].append(_Access(index, start, end, writes))
    earlier: list[set[int]] = [set() for _ in schedule.steps]
    for accesses in history.values():
        pairs = _in_turn(accesses) if len(accesses) > CLOSE_LOOK else _conflicts(accesses)
        for one, other in pairs:
            earlier[other].add(one)
    return tuple(tuple(sorted(found - {index})) for index, found in enumerate(earlier))


def _conflicts(accesses: Sequence[_Access]) -> Iterator[tuple[int, int]]:
    """(earlier step, later step) that must stay so: parts that lie apart are told from others."""
    return ((one.step, other.step) for one, other in combinations(accesses, 2) if one.conflicts(other))


def _in_turn(accesses: Sequence[_Access]) -> Iterator[tuple[int, int]]:
    """The same as if each access were one to the whole buffer, in time that grows with their number."""
    written: int | None = None
    read_since: list[int] = []
    for access in accesses:
        if written is not None:
            yield written, access.step
        if access.writes:
            yield from ((reader, access.step) for reader in read_since)
            written, read_since = access.step, []
        else:
            read_since.append(access.step)
