"""Lifetimes of a schedule's buffers, and the plan as a whole, held against the check that shares no code with it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from barecast import check, planner
from barecast.errors import InternalError, ModelError
from barecast.planner.lifetimes import lifetimes
from barecast.schedule import ARENA, MemoryPlan, Overlap, Placement, View, scratch_key
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.planner.build import schedule, step


def lives(value):
    return {i.key: (i.first, i.last) for i in lifetimes(value)}


def test_lifetimes_of_a_chain():
    value = schedule({"x": 10, "a": 20, "y": 30}, [step("x", "a"), step("a", "y", scratch=24)], inputs="x", outputs="y")
    assert lives(value) == {"x": (-1, 0), "a": (0, 1), "y": (1, 2), scratch_key(1): (1, 1)}
    assert planner.run(value).lower_bound == 20 + 30 + 24


def test_an_arena_beyond_32_bits():
    value = schedule({"x": 2**30, "y": 2**30}, [step("x", "y")], inputs="x", outputs="y")
    with pytest.raises(ModelError, match="a run needs 2147483648 bytes of memory, 2147483647 are the most"):
        planner.run(value)


def test_a_view_extends_the_life_of_its_root():
    value = schedule(
        {"x": 8, "a": 8, "b": 8, "v": 8, "w": 4, "y": 8},
        [step("x", "a"), step("a", "b"), step("w", "y")],
        inputs="x",
        outputs="y",
        views={"v": View("a"), "w": View("v", 4)},
    )
    assert lives(value)["a"] == (0, 2)
    assert "v" not in lives(value) and "w" not in lives(value)


def test_inputs_that_nothing_reads_and_outputs_written_early():
    value = schedule(
        {"x": 8, "unused": 40, "y": 8, "z": 8}, [step("x", "y"), step("x", "z")], inputs="x unused", outputs="y z"
    )
    assert lives(value) == {"x": (-1, 1), "unused": (-1, -1), "y": (0, 2), "z": (1, 2)}
    plan = planner.run(value)
    check.plan(value, plan)
    assert plan.arena_bytes == 48


def test_an_output_over_an_input_that_no_one_else_wants():
    """x0 may be overwritten at once, x1 is wanted later, and an argument of its own may not be both."""
    sizes = {"x0": 40, "x1": 40, "a": 40, "y": 40}
    over = (Overlap(40), Overlap(40))
    value = schedule(sizes, [step("x0 x1", "a", overlap=over), step("a x1", "y", overlap=over)], "x0 x1", "y")
    plan = planner.run(value)
    check.plan(value, plan)
    assert plan.arena_bytes == plan.lower_bound == 80
    twice = schedule(sizes, [step("x0 x0", "a", overlap=over[:1]), step("a x1", "y", overlap=over)], "x0 x1", "y")
    assert planner.run(twice).arena_bytes == 120


def test_a_view_is_overwritten_from_where_it_starts():
    """The step reads the second half only: the first is free to be overwritten, too."""
    value = schedule(
        {"x": 40, "v": 20, "y": 40}, [step("v", "y", overlap=(Overlap(20),))], "x", "y", {"v": View("x", 20)}
    )
    plan = planner.run(value)
    check.plan(value, plan)
    assert plan.arena_bytes == 40


@settings(max_examples=60)
@given(st.integers(-3, 3), st.sampled_from([1, 4, 8]), st.integers(0, 10).map(lambda n: 4 * n))
def test_the_check_knows_how_far_an_output_may_run(words, multiple, overlap):
    """y at every distance from x around the one that the kernel allows."""
    value = schedule({"x": 40, "y": 40}, [step("x", "y", overlap=(Overlap(overlap, multiple),))], "x", "y")
    x = 80
    y = x + overlap - 40 + 4 * words
    places = {"x": Placement(ARENA, x, 40, -1, 0), "y": Placement(ARENA, y, 40, 0, 1)}
    plan = MemoryPlan(places, 400, 16, 40, "by hand")
    if y + 40 <= x or y >= x + 40 or (words <= 0 and (y - x) % multiple == 0):
        check.plan(value, plan)
    else:
        with pytest.raises(InternalError, match=r"x was overwritten by y when step 0 .* wants it"):
            check.plan(value, plan)


def test_scratch_never_lies_over_what_is_overwritten():
    value = schedule({"x": 40, "y": 40}, [step("x", "y", 16, (Overlap(80),))], "x", "y")
    plan = planner.run(value)
    check.plan(value, plan)
    assert plan.arena_bytes == plan.lower_bound == 56
    with pytest.raises(InternalError, match="x was overwritten by scratch of step 0"):
        check.plan(value, broken(plan, scratch_key(0), offset=plan.placements["x"].offset // 8 * 8))


def test_parts_of_one_output():
    value = schedule({"p": 4, "q": 4, "y": 8, "z": 8}, [step("p", "y"), step("q", "y"), step("y", "z")], "p q", "z")
    assert lives(value)["y"] == (0, 2)
    check.schedule(value)
    check.plan(value, planner.run(value))


def test_an_empty_model_has_an_arena_that_c_can_declare():
    value = schedule({"x": 0, "y": 0}, [step("x", "y")], "x", "y")
    assert planner.run(value).arena_bytes == 1


OVERLAPS = st.lists(
    st.builds(Overlap, st.integers(0, 200), st.sampled_from([1, 1, 4, 12])), min_size=1, max_size=2
).map(tuple)


NO_OVERLAPS = st.just(())


@st.composite
def schedules(draw, overlaps=NO_OVERLAPS):
    """Random networks: each step reads one or two earlier buffers and writes a new one; views here and there."""
    sizes, steps, views, known = {"x0": draw(st.integers(1, 99)), "x1": draw(st.integers(1, 99))}, [], {}, ["x0", "x1"]
    for k in range(draw(st.integers(1, 14))):
        reads = draw(st.lists(st.sampled_from(known), min_size=1, max_size=2, unique=True))
        sizes[f"b{k}"] = draw(st.integers(0, 99))
        steps.append(step(" ".join(reads), f"b{k}", draw(st.sampled_from([0, 0, 5, 64])), draw(overlaps)))
        known.append(f"b{k}")
        if draw(st.booleans()):
            sizes[f"v{k}"] = sizes[f"b{k}"]
            views[f"v{k}"] = View(f"b{k}")
            known.append(f"v{k}")
    outputs = draw(st.sets(st.sampled_from([f"b{k}" for k in range(len(steps))]), min_size=1, max_size=3))
    return schedule(sizes, steps, "x0 x1", " ".join(sorted(outputs)), views)


@settings(max_examples=100)
@given(schedules(st.one_of(NO_OVERLAPS, OVERLAPS)))
def test_plans_of_random_schedules_pass_the_check(value):
    check.schedule(value)
    plan = planner.run(value)
    check.plan(value, plan)
    assert plan.arena_bytes >= plan.lower_bound


@settings(max_examples=40)
@given(schedules(), st.data())
def test_the_check_finds_every_overlap_that_lifetimes_forbid(value, data):
    """Moves one buffer onto another that lives at the same time: the check, which knows no lifetimes, must object."""
    plan = planner.run(value)
    keys = [k for k, p in plan.placements.items() if p.bytes]
    pairs = [
        (a, b)
        for a in keys
        for b in keys
        if a != b
        and plan.placements[a].first <= plan.placements[b].last
        and plan.placements[b].first <= plan.placements[a].last
    ]
    if not pairs:
        return
    moved, onto = data.draw(st.sampled_from(pairs))
    placements = dict(plan.placements)
    placements[moved] = replace(placements[moved], offset=placements[onto].offset)
    arena = max(p.offset + p.bytes for p in placements.values())
    wrong = MemoryPlan(placements, max(arena, plan.arena_bytes), plan.align, plan.lower_bound, "moved")
    with pytest.raises(InternalError, match="memory plan"):
        check.plan(value, wrong)


def broken(plan, key, **change):
    return replace(plan, placements={**plan.placements, key: replace(plan.placements[key], **change)})


def test_the_check_names_what_is_wrong():
    value = schedule({"x": 12, "y": 12}, [step("x", "y", scratch=16)], "x", "y")
    plan = planner.run(value)
    check.plan(value, plan)
    missing = replace(plan, placements={k: p for k, p in plan.placements.items() if k != "y"})
    for wrong, message in (
        (broken(plan, "y", offset=4000), "y lies outside of the arena"),
        (broken(plan, "y", offset=-4), "y lies outside of the arena"),
        (broken(plan, "y", offset=plan.placements["y"].offset + 2), "y (is not aligned|lies outside)"),
        (broken(plan, "y", bytes=4), "y has 4 B, its type takes 12"),
        (broken(plan, scratch_key(0), bytes=8), "step 0 .* no scratch memory of 16 B"),
        (missing, "y has no place"),
        (replace(plan, align=12), "no power of two"),
        (replace(plan, lower_bound=10**6), "below its lower bound"),
    ):
        with pytest.raises(InternalError, match=message):
            check.plan(value, wrong)
