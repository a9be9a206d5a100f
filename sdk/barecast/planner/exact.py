"""The smallest arena that there is, by OR-Tools' constraint solver CP-SAT, or as far as its time goes.

The time is counted in the solver's own steps, on one thread and from one seed, so equal input gives equal plans on any
machine. OR-Tools is an optional package, and is loaded only when it is asked to solve something.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from itertools import combinations
from types import ModuleType
from typing import Any

from barecast.errors import UsageError
from barecast.planner.lifetimes import Interval, Over
from barecast.planner.local_search import top

EFFORT = 10.0
"""The solver's deterministic time: about as many seconds, or a few times as many."""


@dataclass(frozen=True, eq=False)
class Solved:
    """offsets: by key. bound: bytes, no arena is smaller."""

    offsets: Mapping[str, int]
    bound: int


LARGEST = 1000
"""Intervals: the solver would take long to begin with more."""


def solve(intervals: tuple[Interval, ...], known: Mapping[str, int], bound: int, effort: float = EFFORT) -> Solved:
    """The best offsets. known: offsets that are good already, which come back if nothing better is found.

    bound: bytes, a proof of which is there already. UsageError if the solver is wanted and not installed.
    """
    height = top(intervals, known)
    if height <= bound or len(intervals) > LARGEST:
        return Solved(known, bound)
    cp_model = _solver_module()
    problem = _Problem(cp_model, intervals, bound, height - 1)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.max_deterministic_time = effort
    status = solver.solve(problem.model)
    if status == cp_model.INFEASIBLE:
        return Solved(known, height)
    proven = max(bound, math.ceil(solver.best_objective_bound - 1e-6))
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Solved({key: problem.unit * solver.value(start) for key, start in problem.starts.items()}, proven)
    return Solved(known, min(height, proven))


def _solver_module() -> ModuleType:
    try:
        return import_module("ortools.sat.python.cp_model")
    except ImportError as error:
        raise UsageError(
            'planner "exact": the solver is not installed', remedy="install OR-Tools: `pip install 'barecast[exact]'`"
        ) from error


class _Problem:
    """Starts are counted in `unit` bytes, which every alignment is a multiple of."""

    def __init__(self, cp_model: ModuleType, intervals: tuple[Interval, ...], low: int, high: int) -> None:
        self.model: Any = cp_model.CpModel()
        self.unit = math.gcd(*(i.align for i in intervals)) or 1
        self.starts: dict[str, Any] = {i.key: self._start(i, high) for i in intervals}
        arena = self.model.new_int_var(low, high, "")
        for i in intervals:
            self.model.add(self.unit * self.starts[i.key] + i.bytes <= arena)
        found = {i.key: i for i in intervals}
        overs = {(i.key, over.key) for i in intervals for over in i.over}
        held = [i for i in intervals if i.bytes]
        self._keep_apart(held, {over for _, over in overs})
        for one, other in _late_pairs(held, {over for _, over in overs}):
            if not {(one.key, other.key), (other.key, one.key)} & overs:
                self._either(self._apart(one, other))
        for written, read in sorted(overs):
            if found[written].bytes and found[read].bytes:
                leaves = [over for over in found[written].over if over.key == read]
                self._either([*self._apart(found[written], found[read]), self._meeting(found[written], found[read], leaves)])
        self.model.minimize(arena)

    def _start(self, interval: Interval, high: int) -> Any:
        step = interval.align // self.unit
        last = (high - interval.bytes) // self.unit
        start = self.model.new_int_var(0, last, "")
        if step > 1:
            self.model.add(start == step * self.model.new_int_var(0, last // step, ""))
        return start

    def _size(self, interval: Interval) -> int:
        return -(-interval.bytes // self.unit)

    def _keep_apart(self, intervals: list[Interval], overwritten: set[str]) -> None:
        """As rectangles of steps and bytes; what may be overwritten in its last step is one step shorter here."""
        steps, sizes = [], []
        for i in intervals:
            last = i.last - (i.key in overwritten)
            if last >= i.first:
                steps.append(self.model.new_fixed_size_interval_var(i.first, last - i.first + 1, ""))
                sizes.append(self.model.new_fixed_size_interval_var(self.starts[i.key], self._size(i), ""))
        self.model.add_no_overlap_2d(steps, sizes)

    def _either(self, literals: list[Any]) -> None:
        self.model.add_bool_or(literals)

    def _apart(self, one: Interval, other: Interval) -> list[Any]:
        """Conditions of which one must hold."""
        below, above = self.model.new_bool_var(""), self.model.new_bool_var("")
        a, b = self.starts[one.key], self.starts[other.key]
        self.model.add(a + self._size(one) <= b).only_enforce_if(below)
        self.model.add(b + self._size(other) <= a).only_enforce_if(above)
        return [below, above]

    def _meeting(self, written: Interval, read: Interval, leaves: list[Over]) -> Any:
        """The condition under which the two may share bytes."""
        allowed = self.model.new_bool_var("")
        distance = self.unit * (self.starts[written.key] - self.starts[read.key])
        for leave in leaves:
            self.model.add(distance <= leave.behind - written.bytes).only_enforce_if(allowed)
            if leave.multiple > 1:
                count = self.model.new_int_var(-(2**31), 2**31, "")
                self.model.add(distance - leave.phase == leave.multiple * count).only_enforce_if(allowed)
        return allowed


def _late_pairs(intervals: list[Interval], overwritten: set[str]) -> Iterator[tuple[Interval, Interval]]:
    """Those that live together only in the last step of one that may be overwritten there."""
    for one, other in combinations(intervals, 2):
        first, last = max(one.first, other.first), min(one.last, other.last)
        shortened = min(i.last - (i.key in overwritten) for i in (one, other))
        if shortened < first <= last:
            yield one, other
