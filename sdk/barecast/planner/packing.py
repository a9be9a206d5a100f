"""First fit for intervals that are packed again and again: what lives together is found out once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from barecast.planner.lifetimes import Interval
from barecast.planner.rules import Lattice, Rule, rules, upwards


def meetings(intervals: Sequence[Interval]) -> int:
    """How many pairs live together, each counted from both sides."""
    firsts = sorted(interval.first for interval in intervals)
    later = sum(bisect_right(firsts, i.last) - bisect_right(firsts, i.first) for i in intervals)
    together = sum(bisect_right(firsts, i.first) - bisect_right(firsts, i.first - 1) - 1 for i in intervals)
    return 2 * later + together


class Packing:
    """Intervals by number. It takes memory for every pair that lives together, and `lowest` a moment for each."""

    def __init__(self, intervals: Sequence[Interval]) -> None:
        self._align = [interval.align for interval in intervals]
        self._near: list[list[tuple[int, int, int]]] = [[] for _ in intervals]
        """For each interval (another one that lives with it, lowest start behind that one's start that is a conflict,
        and the highest, both exclusive)."""
        self._lattices: list[list[tuple[int, Lattice]]] = [[] for _ in intervals]
        given = rules(intervals)
        alive: list[int] = []
        for k in sorted(range(len(intervals)), key=lambda k: intervals[k].first):
            one = intervals[k]
            alive = [n for n in alive if intervals[n].last >= one.first]
            for n in alive:
                other = intervals[n]
                rule = given[one.key].get(other.key) or Rule(-one.bytes, other.bytes)
                self._meet(k, n, rule)
                self._meet(n, k, rule.turned())
            alive.append(k)

    def _meet(self, one: int, other: int, rule: Rule) -> None:
        if rule.low < rule.high:
            self._near[one].append((other, rule.low, rule.high))
        self._lattices[one] += ((other, lattice) for lattice in rule.lattices)

    def lowest(self, number: int, offsets: Sequence[int]) -> int:
        """The lowest start of an interval that is no conflict with those that have an offset; others have -1."""
        align = self._align[number]
        taken = [(offsets[k] + low, offsets[k] + high) for k, low, high in self._near[number] if offsets[k] >= 0]
        taken.sort()
        lattices = [lattice.moved(offsets[k]) for k, lattice in self._lattices[number] if offsets[k] >= 0]
        if not lattices:
            return _first(0, taken, align)
        bases = {0, *(_first(high, taken, align) for _, high in taken if high > 0)}
        tries = sorted(start for base in bases for start in upwards(base, lattices, align))
        return next(
            start
            for start in tries
            if all(lattice.allows(start) for lattice in lattices) and _first(start, taken, align) == start
        )


def _first(start: int, taken: Sequence[tuple[int, int]], align: int) -> int:
    """The first aligned start from `start` on that lies strictly within none of the ranges, which are sorted."""
    start = -(-start // align) * align
    for low, high in taken:
        if start <= low:
            break
        if start < high:
            start = -(-high // align) * align
    return start
