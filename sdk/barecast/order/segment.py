"""A part of a schedule whose steps change places among themselves only, and the memory that they take in any order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from barecast.order.problem import Problem


@dataclass(frozen=True)
class _Buffer:
    """users: as a set of bits; begun: it holds data before the segment; wanted: behind it."""

    bytes: int
    users: int
    begun: bool
    wanted: bool


class Segment:
    """Steps are numbered from 0 here. What lives at the segment's two ends is the same in any order."""

    def __init__(self, problem: Problem, steps: range, live: int) -> None:
        """steps: neighbours in the schedule, all others run before or behind all of them. live: bytes before the first."""
        self.steps = steps
        first, last = steps[0], steps[-1]
        inner = [[one - first for one in problem.before[step] if one >= first] for step in steps]
        after: list[list[int]] = [[] for _ in steps]
        for step, earlier in enumerate(inner):
            for one in earlier:
                after[one].append(step)
        self._after = tuple(map(tuple, after))
        self._before = tuple(_bits(earlier) for earlier in inner)

        def buffer(number: int) -> _Buffer:
            users = problem.users[number]
            return _Buffer(
                problem.sizes[number],
                _bits(user - first for user in users if user in steps),
                number in problem.given or users[0] < first,
                number in problem.kept or users[-1] > last,
            )

        found = {number: buffer(number) for number in {n for step in steps for n in problem.uses[step]}}
        self._uses = tuple(tuple(found[number] for number in problem.uses[step]) for step in steps)
        self._new = tuple(tuple(found[n] for n in problem.writes[step] if not found[n].begun) for step in steps)
        self._old = tuple(tuple(one for one in uses if not one.wanted) for uses in self._uses)
        self._scratch = problem.scratch[first : last + 1]
        self._begins = tuple(found.get(problem.begins[step]) for step in steps)
        self._shares = tuple(tuple((found[number], size) for number, size in problem.shares[step]) for step in steps)
        self.live = live
        self._elsewhere = live - sum(one.bytes for one in found.values() if one.begun)

    def ready(self) -> tuple[int, ...]:
        """The steps that can be the first."""
        return tuple(step for step, earlier in enumerate(self._before) if not earlier)

    def released(self, step: int, done: int) -> tuple[int, ...]:
        """The steps that wait for nothing but this one any more. done: a set of bits, this step among them."""
        return tuple(one for one in self._after[step] if self._before[one] & done == self._before[one])

    def run(self, step: int, done: int, live: int) -> tuple[int, int]:
        """(bytes that live while the step runs, bytes that live behind it). done: what has run before it, as a set of
        bits; live: bytes that live before it."""
        now, freed = done | 1 << step, 0
        for buffer in self._new[step]:
            if not buffer.users & done:
                live += buffer.bytes
        for buffer in self._old[step]:
            if buffer.users & now == buffer.users:
                freed += buffer.bytes
        return live + self._scratch[step] - self._shared(step, done, now), live - freed

    def _shared(self, step: int, before: int, now: int) -> int:
        begun = self._begins[step]
        if begun is None or begun.begun or begun.users & before:
            return 0
        last = (size for one, size in self._shares[step] if not one.wanted and one.users & now == one.users)
        return min(begun.bytes, sum(last))

    def least(self) -> int:
        """What no order is below: the hungriest step, if nothing lives but what it touches and what outlasts the segment."""
        found = 0
        for step, uses in enumerate(self._uses):
            taken = self._elsewhere + sum(buffer.bytes for buffer in uses) + self._scratch[step]
            if (begun := self._begins[step]) is not None:
                taken -= min(begun.bytes, sum(size for _, size in self._shares[step]))
            found = max(found, taken)
        return found


def segments(problem: Problem) -> Iterator[range]:
    """The steps between those that all others run before or behind, whatever the order; ascending."""
    start = 0
    forwards = _alone(problem.before)
    count = len(forwards)
    after: list[list[int]] = [[] for _ in range(count)]
    for step in reversed(range(count)):
        for one in problem.before[step]:
            after[count - 1 - one].append(count - 1 - step)
    backwards = _alone(after)[::-1]
    for step in range(count + 1):
        if step == count or (forwards[step] and backwards[step]):
            if start < step:
                yield range(start, step)
            start = step + 1


def _alone(before: Sequence[Sequence[int]]) -> list[bool]:
    """Whether each step is the only one that can run when it is its turn."""
    after: list[list[int]] = [[] for _ in before]
    for step, earlier in enumerate(before):
        for one in earlier:
            after[one].append(step)
    waits = [len(earlier) for earlier in before]
    ready = waits.count(0)
    found = []
    for later in after:
        found.append(ready == 1)
        ready -= 1
        for one in later:
            waits[one] -= 1
            ready += not waits[one]
    return found


def _bits(places: Iterable[int]) -> int:
    found = 0
    for place in places:
        found |= 1 << place
    return found
