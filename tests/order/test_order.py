"""Orders of steps: never worse than the model's, as good as any where that is said, and the same data everywhere."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import permutations

import pytest
from barecast import check, order, planner, select, text
from barecast.errors import InternalError
from barecast.order import search
from barecast.order.problem import Problem
from barecast.order.segment import Segment, segments
from barecast.schedule import Guard, Overlap, View
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.emit.hosted import HOST
from tests.planner.build import schedule, step
from tests.planner.networks import network


def arena(value):
    return planner.run(value).arena_bytes


def bound(value):
    return planner.lower_bound(planner.lifetimes(value))


def in_order(value, steps):
    return replace(value, steps=tuple(value.steps[index] for index in steps))


def computes_the_same(value, other):
    try:
        check.schedule(other)
        check.order(value, other)
    except InternalError:
        return False
    return True


def test_branches_are_finished_one_by_one():
    """Four branches that begin with a wide layer and end narrow, written one layer of all branches after the other."""
    wide = [step("x", f"a{k}") for k in range(4)]
    narrow = [step(f"a{k}", f"b{k}") for k in range(4)]
    sizes = {"x": 40, "y": 40, **{f"a{k}": 400 for k in range(4)}, **{f"b{k}": 40 for k in range(4)}}
    value = schedule(sizes, [*wide, *narrow, step("b0 b1 b2 b3", "y")], "x", "y")
    found = order.run(value)
    assert computes_the_same(value, found)
    assert (arena(value), arena(found)) == (1640, 40 + 400 + 40 * 3)
    assert order.sequence(value).proven


def test_the_branch_that_needs_most_comes_first():
    """The narrow result of the hungry branch waits for the other one, and not the other way round."""
    sizes = {"x": 8, "small": 80, "kept": 80, "large": 800, "left": 8, "y": 8}
    steps = [step("x", "small"), step("small", "kept"), step("x", "large"), step("large", "left"), step("kept left", "y")]
    found = order.run(schedule(sizes, steps, "x", "y"))
    assert [s.outputs[0] for s in found.steps] == ["large", "left", "small", "kept", "y"]


def test_an_order_that_lets_an_output_run_over_its_input():
    """Whoever reads x last may lie over it: that must be the step whose kernel can."""
    sizes = {"x": 100, "a": 100, "b": 8, "y": 8}
    steps = [step("x", "a", overlap=(Overlap(100),)), step("x", "b"), step("a b", "y")]
    value = schedule(sizes, steps, "x", "y")
    found = order.run(value)
    assert [s.outputs[0] for s in found.steps] == ["b", "a", "y"]
    assert (arena(value), arena(found)) == (208, 100 + 8 + 8)


def test_scratch_memory_counts():
    sizes = {"x": 8, "a": 80, "b": 16, "y": 8}
    value = schedule(sizes, [step("x", "a"), step("x", "b", scratch=400), step("a b", "y")], "x", "y")
    found = order.run(value)
    assert [s.outputs[0] for s in found.steps] == ["b", "a", "y"]


def test_a_chain_stays_as_it_is():
    sizes = {f"t{k}": 8 * (k % 7 + 1) for k in range(60)}
    value = schedule(sizes, [step(f"t{k}", f"t{k + 1}") for k in range(59)], "t0", "t59")
    assert order.run(value) is value
    assert not list(segments(Problem.of(value)))


def test_no_gain_keeps_the_models_order():
    sizes = {"x": 40, "a": 40, "b": 40, "y": 40}
    value = schedule(sizes, [step("x", "a"), step("x", "b"), step("a b", "y")], "x", "y")
    assert order.run(value) is value


def test_parts_of_one_buffer_change_places_but_not_with_who_reads_them():
    views = {"p": View("y", 0), "q": View("y", 40)}
    sizes = {"x": 8, "a": 400, "p": 40, "q": 40, "y": 80, "z": 8}
    value = schedule(sizes, [step("x", "p"), step("x", "a"), step("a", "q"), step("y", "z")], "x", "z", views)
    found = order.run(value)
    assert [s.outputs[0] for s in found.steps][-1] == "z"
    assert computes_the_same(value, found)
    for places in permutations(range(4)):
        other = in_order(value, places)
        assert computes_the_same(value, other) == (places.index(3) == 3 and places.index(1) < places.index(2))


STATES = text.loads("""graph "states" tflite
input "x" %x: f32[400]
state "sum" %before: f32[400] = splat(0.0)
%late: f32[400] = binary(%before, %x) kind=mul
%wide: f32[400,1] = reshape(%late) shape=(400,1)
%small: f32[1,1] = reduce(%wide) kind=max axes=(0,1)
%other: f32[400] = unary(%x) kind=tanh
%after: f32[400] = binary(%other, %x) kind=add
output "y" %small
next "sum" %after
""")


def test_a_state_is_read_before_it_is_overwritten():
    value = select.run(STATES, HOST, select.Options())
    assert [slot.after for slot in value.slots] == ["after"], "the state is to be computed in place"
    allowed = [p for p in permutations(range(len(value.steps))) if computes_the_same(value, in_order(value, p))]
    before = Problem.of(value).before
    kept = [p for p in permutations(range(len(value.steps))) if follows(before, p)]
    assert allowed == kept and 1 < len(allowed)
    assert computes_the_same(value, order.run(value))


def follows(before, places):
    return all(places.index(one) < places.index(index) for index, earlier in enumerate(before) for one in earlier)


def test_a_condition_is_there_before_what_runs_on_it():
    guarded = replace(step("x", "a"), guards=(Guard("c", True),))
    sizes = {"x": 8, "c": 1, "a": 8, "b": 80, "y": 8}
    value = schedule(sizes, [step("x", "b"), step("b", "c"), guarded, step("a b", "y")], "x", "y")
    before = Problem.of(value).before
    assert 1 in before[2]


@st.composite
def branchy(draw):
    """Small schedules with scratch and overlaps, as many parallel steps as there may be."""
    sizes, steps, known = {"x0": draw(st.integers(1, 99)), "x1": draw(st.integers(1, 99))}, [], ["x0", "x1"]
    for k in range(draw(st.integers(2, 6))):
        reads = draw(st.lists(st.sampled_from(known), min_size=1, max_size=2, unique=True))
        sizes[f"b{k}"] = draw(st.integers(0, 99))
        over = draw(st.lists(st.builds(Overlap, st.integers(0, 150), st.sampled_from([1, 4])), max_size=2).map(tuple))
        steps.append(step(" ".join(reads), f"b{k}", draw(st.sampled_from([0, 0, 40])), over))
        known.append(f"b{k}")
    outputs = draw(st.sets(st.sampled_from(known[2:]), min_size=1, max_size=2))
    return schedule(sizes, steps, "x0 x1", " ".join(sorted(outputs)))


@settings(max_examples=60)
@given(branchy())
def test_no_order_is_better_than_the_one_that_is_proven(value):
    """Of small schedules: against all orders that compute the same, by the bound of the planner."""
    found = order.sequence(value)
    best = in_order(value, found.steps)
    assert found.proven and computes_the_same(value, best)
    assert 0 <= found.peak - bound(best) <= 3
    for places in permutations(range(len(value.steps))):
        other = in_order(value, places)
        if computes_the_same(value, other):
            assert bound(other) + 3 >= bound(best)


@settings(max_examples=60)
@given(branchy())
def test_levels_are_what_the_planner_counts(value):
    levels = Problem.of(value).levels()
    given = sum(-(-b.type.bytes // 4) * 4 for b in value.inputs)
    assert 0 <= max([given, *(taken for _, taken in levels)]) - bound(value) <= 3


def test_random_networks():
    """Never more memory than the model's order takes, and the same data in all places."""
    gains = 0
    for seed in range(25):
        value = select.run(network(seed), HOST, select.Options())
        found = order.run(value)
        check.order(value, found)
        check.schedule(found)
        plan = planner.run(found)
        check.plan(found, plan)
        assert plan.arena_bytes <= arena(value)
        gains += plan.arena_bytes < arena(value)
    assert gains > 12


def test_a_beam_finds_nearly_what_an_exact_search_does():
    more = []
    for seed in range(20):
        value = select.run(network(seed, 12), HOST, select.Options())
        problem = Problem.of(value)
        levels = problem.levels()
        for part in segments(problem):
            segment, below = Segment(problem, part, levels[part[0]][0]), 10**9
            exact = search.best(segment, 0, below, 10**6)
            start = search.start(segment, 0)
            beam = search.beam(segment, start, below, 5_000)
            assert exact.proven and beam.peak >= exact.peak
            more.append(beam.peak / exact.peak)
    assert sum(more) / len(more) < 1.02 and len(more) >= 20


def test_equal_schedules_get_equal_orders():
    one, other = (order.sequence(select.run(network(10), HOST, select.Options())) for _ in range(2))
    assert one == other


@pytest.mark.parametrize("width", (1, 8, 1000))
def test_five_thousand_steps(width):
    """Lines of layers side by side, joined at the end by sums."""
    lines, sizes, steps = 5000 // width, {"x": 64}, []
    for k in range(lines):
        for line in range(width):
            sizes[f"t{line}.{k}"] = 16 * ((7 * k + line) % 23 + 1)
            steps.append(step("x" if k == 0 else f"t{line}.{k - 1}", f"t{line}.{k}"))
    last = f"t0.{lines - 1}"
    for line in range(1, width):
        sizes[f"s{line}"] = 16
        steps.append(step(f"{last} t{line}.{lines - 1}", f"s{line}"))
        last = f"s{line}"
    value = schedule(sizes, steps, "x", last)
    started = time.process_time()
    found = order.sequence(value)
    assert time.process_time() - started < 10
    assert computes_the_same(value, in_order(value, found.steps))
    assert found.peak <= bound(value) + 3 and (width == 1 or found.peak < 0.75 * bound(value))


def test_the_check_knows_a_wrong_order():
    value = schedule({"x": 8, "a": 8, "y": 8}, [step("x", "a"), step("a", "y")], "x", "y")
    with pytest.raises(InternalError, match="finds other data in a than in the model's order"):
        check.order(value, in_order(value, (1, 0)))
    with pytest.raises(InternalError, match="steps are lost, added or changed"):
        check.order(value, in_order(value, (0, 0)))
    with pytest.raises(InternalError, match="the schedule's name"):
        check.order(value, replace(value, name="other"))
