"""At which distances two intervals that live together may lie: apart, or where one is allowed to run over the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from barecast.planner.lifetimes import Interval, Over


@dataclass(frozen=True)
class Lattice:
    """Between `low` and `high`, both exclusive, only `origin` plus multiples of `step` are allowed."""

    low: int
    high: int
    origin: int
    step: int

    def allows(self, value: int) -> bool:
        return not self.low < value < self.high or (value - self.origin) % self.step == 0

    def moved(self, by: int) -> Lattice:
        return Lattice(self.low + by, self.high + by, self.origin + by, self.step)

    def turned(self) -> Lattice:
        return Lattice(-self.high, -self.low, -self.origin, self.step)


@dataclass(frozen=True)
class Rule:
    """Of the distance from one interval's start to another's: it is not between `low` and `high`, both exclusive, and
    on each of the lattices."""

    low: int
    high: int
    lattices: tuple[Lattice, ...] = ()

    def turned(self) -> Rule:
        """Of the distance the other way."""
        return Rule(-self.high, -self.low, tuple(lattice.turned() for lattice in self.lattices))


Rules = dict[str, dict[str, Rule]]
"""Interval -> each other one that it may share bytes with -> the rule of its start behind that one's."""


def rules(intervals: Iterable[Interval]) -> Rules:
    """For all pairs with a leave, from both sides. All others that live together must lie apart."""
    found: Rules = defaultdict(dict)
    known = {interval.key: interval for interval in intervals}
    for written in known.values():
        leaves: dict[str, list[Over]] = {}
        for over in written.over:
            if over.key in known:
                leaves.setdefault(over.key, []).append(over)
        for key, several in leaves.items():
            rule = _rule(written, known[key], several)
            found[written.key][key] = rule
            found[key][written.key] = rule.turned()
    return found


def _rule(written: Interval, read: Interval, leaves: list[Over]) -> Rule:
    low = min(min(leave.behind for leave in leaves) - written.bytes, read.bytes)
    lattices = (Lattice(-written.bytes, read.bytes, leave.phase, leave.multiple) for leave in leaves if leave.multiple > 1)
    return Rule(max(low, -written.bytes), read.bytes, tuple(lattices))


def upwards(base: int, lattices: Sequence[Lattice], align: int) -> Iterator[int]:
    """Starts at or above `base` that are worth a try: itself, behind each lattice, and each lattice's next points."""
    yield base
    for lattice in lattices:
        if lattice.high > base:
            yield -(-lattice.high // align) * align
        first = base + (lattice.origin - base) % lattice.step
        yield from (point for k in range(align) if (point := first + k * lattice.step) % align == 0)


def downwards(base: int, lattices: Sequence[Lattice], align: int) -> Iterator[int]:
    """The same at or below `base`, before each lattice."""
    yield base
    for lattice in lattices:
        if lattice.low < base:
            yield lattice.low // align * align
        first = base - (base - lattice.origin) % lattice.step
        yield from (point for k in range(align) if (point := first - k * lattice.step) % align == 0)
