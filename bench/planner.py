"""How good and how fast the memory planner is, on random sets of buffers and on models.

    python -m bench.planner [--sets N] [--effort SECONDS] [MODEL ...]

Four kinds of N sets of 5 to 25 buffers (tests/planner/intervals.py): the planner's arena above the exact solver's, in the
mean and at worst, and in how many sets the solver proved its own to be the smallest. Then thousands of buffers, above
the lower bound; then the models' plans. Times are those of this machine.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from barecast import frontends, order, passes, planner, select, targets
from barecast.options import Options
from barecast.planner.exact import solve
from barecast.planner.lifetimes import Interval
from barecast.planner.local_search import top
from barecast.report import Table, print_table

from tests.planner.intervals import crowded, layered

KINDS = {"layered": layered, "crowded": crowded}
THOUSANDS = 5000


@dataclass(frozen=True)
class Compared:
    """One set: bytes by the planner and by the solver, whether the latter is proven, and what both took in seconds."""

    fast: int
    exact: int
    proven: bool
    fast_seconds: float
    exact_seconds: float

    @property
    def gap(self) -> float:
        return self.fast / self.exact - 1


def compare(intervals: tuple[Interval, ...], effort: float) -> Compared:
    started = time.process_time()
    found = planner.place(intervals)
    middle = time.process_time()
    solved = solve(intervals, found.offsets, found.bound, effort)
    ended = time.process_time()
    fast, exact = top(intervals, found.offsets), top(intervals, solved.offsets)
    return Compared(fast, exact, exact <= solved.bound, middle - started, ended - middle)


def small_sets(kind: Callable[[int, int, bool], tuple[Interval, ...]], sharing: bool, count: int, effort: float):
    return [compare(kind(seed, 5 + seed % 21, sharing), effort) for seed in range(count)]


def row(name: str, sharing: bool, found: list[Compared]) -> tuple[str, ...]:
    count = len(found)
    return (
        f"{name}{', outputs over inputs' if sharing else ''}",
        f"{100 * sum(one.gap for one in found) / count:.2f} %",
        f"{100 * max(one.gap for one in found):.2f} %",
        f"{sum(one.gap == 0 for one in found)} of {count}",
        f"{sum(one.proven for one in found)} of {count}",
        f"{1000 * sum(one.fast_seconds for one in found) / count:.0f} ms",
        f"{sum(one.exact_seconds for one in found) / count:.1f} s",
    )


def thousands(name: str, sharing: bool) -> tuple[str, ...]:
    intervals = KINDS[name](0, THOUSANDS, sharing)
    started = time.process_time()
    found = planner.place(intervals)
    seconds = time.process_time() - started
    above = 100 * (top(intervals, found.offsets) / found.bound - 1)
    return f"{name}{', outputs over inputs' if sharing else ''}", f"{above:.2f} %", found.algorithm, f"{seconds:.1f} s"


def model(path: Path) -> tuple[str, ...]:
    """Order and places, for a Cortex-M4."""
    options = Options()
    graph = passes.run(frontends.read(path, {}), options)
    selected = select.run(graph, targets.load("cortex-m4"), options)
    started = time.process_time()
    schedule = order.run(selected)
    plan = planner.run(schedule)
    seconds = time.process_time() - started
    above = 100 * (plan.arena_bytes / plan.lower_bound - 1)
    return path.name, str(len(schedule.steps)), str(plan.arena_bytes), f"{above:.2f} %", f"{seconds:.2f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--sets", type=int, default=100, help="how many sets of each kind")
    parser.add_argument("--effort", type=float, default=2.0, help="the solver's deterministic time for a set")
    parser.add_argument("models", nargs="*", type=Path)
    given = parser.parse_args()
    both = [(name, sharing) for name in KINDS for sharing in (False, True)]
    rows = tuple(row(name, sharing, small_sets(KINDS[name], sharing, given.sets, given.effort)) for name, sharing in both)
    columns = ("5 to 25 buffers", "mean gap>", "worst gap>", "equal>", "proven>", "planner>", "solver>")
    print_table(Table("Planner against solver", columns, rows))
    rows = tuple(thousands(name, sharing) for name, sharing in both)
    print_table(Table(f"{THOUSANDS} buffers", ("", "above the bound>", "algorithm", "planner>"), rows))
    if given.models:
        rows = tuple(model(path) for path in given.models)
        print_table(Table("Models", ("", "steps>", "arena B>", "above the bound>", "order and plan>"), rows))


if __name__ == "__main__":
    main()
