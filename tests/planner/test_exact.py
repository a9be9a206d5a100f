"""The solver's plans: sound, the smallest that there are, the same every time; and how near the fast ones come."""

from __future__ import annotations

import subprocess
import sys
from itertools import permutations
from pathlib import Path

import pytest
from barecast import check, planner
from barecast.errors import UsageError
from barecast.planner.exact import solve
from barecast.planner.first_fit import first_fit
from barecast.planner.local_search import top
from barecast.schedule import Overlap
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.planner.build import schedule, step
from tests.planner.intervals import crowded, intervals, layered
from tests.planner.test_algorithms import check as check_offsets

ROOT = Path(__file__).parents[2]


def solved(buffers, effort=1.0):
    known = planner.place(buffers)
    return known, solve(buffers, known.offsets, known.bound, effort)


def from_bottom(buffers):
    """Without anything known: what the solver finds on its own."""
    apart = first_fit(buffers)
    return solve(buffers, apart, 0, 1.0)


@settings(max_examples=40)
@given(intervals)
def test_what_the_solver_finds_is_sound(buffers):
    found = from_bottom(buffers)
    check_offsets(buffers, found.offsets)
    assert planner.lower_bound(buffers) <= top(buffers, found.offsets)
    assert found.bound <= top(buffers, found.offsets) <= top(buffers, first_fit(buffers))


@settings(max_examples=25)
@given(st.integers(0, 10**6))
def test_no_order_of_placement_beats_a_proof(seed):
    """First fit in the right order is the smallest arena of buffers that share nothing: all orders of six are tried."""
    buffers = crowded(seed, 6, sharing=False)
    found = from_bottom(buffers)
    assert found.bound == top(buffers, found.offsets)
    assert found.bound == min(top(buffers, first_fit(order)) for order in permutations(buffers))


def test_fast_plans_are_within_2_percent_of_the_solvers():
    for kind in (layered, crowded):
        for sharing in (False, True):
            sets = [kind(seed, 8 + 3 * (seed - 100), sharing) for seed in range(100, 106)]
            pairs = [solved(buffers, 0.1) for buffers in sets]
            gaps = [top(b, k.offsets) / top(b, s.offsets) - 1 for b, (k, s) in zip(sets, pairs, strict=True)]
            assert min(gaps) >= 0 and sum(gaps) / len(gaps) < 0.02, (kind.__name__, sharing, gaps)


def test_equal_sets_give_equal_plans():
    buffers = crowded(4, 16, sharing=True)
    one, other = solved(buffers, 0.2)[1], solved(buffers, 0.2)[1]
    assert one.offsets == other.offsets and one.bound == other.bound


CHAIN = schedule(
    {"x": 96, "a": 96, "b": 96, "y": 96},
    [step(*pair, overlap=(Overlap(80),)) for pair in (("x", "a"), ("a", "b"), ("b", "y"))],
    "x",
    "y",
)
"""Each output must begin 16 bytes below its input, or leave it alone: the bound of 112 bytes is out of reach."""


def test_a_plan_says_whether_it_is_optimal():
    fast, exact = planner.run(CHAIN), planner.run(CHAIN, "exact")
    check.plan(CHAIN, exact)
    assert (fast.lower_bound, fast.is_optimal) == (112, False)
    assert exact.arena_bytes == exact.lower_bound == fast.arena_bytes == 96 + 3 * 16 and exact.is_optimal
    two = schedule({"x": 96, "y": 96}, [step("x", "y", overlap=(Overlap(80),))], "x", "y")
    assert planner.run(two).is_optimal and planner.run(two).arena_bytes == 112


def test_the_solver_finds_what_the_algorithms_do_not():
    """One of the sets in which they are above it: the plan is the solver's, and says so."""
    for seed in range(60):
        buffers = crowded(seed, 18, sharing=True)
        known, found = solved(buffers, 0.2)
        if top(buffers, found.offsets) < top(buffers, known.offsets):
            check_offsets(buffers, found.offsets)
            return
    raise AssertionError("the algorithms are never beaten: the solver is of no use")


def test_without_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "ortools.sat.python.cp_model", None)
    assert planner.run(CHAIN).arena_bytes == 144
    with pytest.raises(UsageError, match="the solver is not installed"):
        planner.run(CHAIN, "exact")


def test_plans_take_no_time_for_a_solver_that_is_not_asked():
    program = (
        "import sys; from pathlib import Path; from barecast import pipeline, targets;"
        f"pipeline.compile_model(Path({str(ROOT / 'models/digits/digits_int8.onnx')!r}), targets.load('host'));"
        "sys.exit(any(name.split('.')[0] in ('ortools', 'pandas') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
