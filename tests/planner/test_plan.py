"""Lifetimes of a schedule's buffers, and the plan as a whole, held against the check that shares no code with it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from barecast import check, planner
from barecast.errors import InternalError, ModelError
from barecast.planner.lifetimes import lifetimes
from barecast.schedule import MemoryPlan, View, scratch_key
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


def test_parts_of_one_output():
    value = schedule({"p": 4, "q": 4, "y": 8, "z": 8}, [step("p", "y"), step("q", "y"), step("y", "z")], "p q", "z")
    assert lives(value)["y"] == (0, 2)
    check.schedule(value)
    check.plan(value, planner.run(value))


def test_an_empty_model_has_an_arena_that_c_can_declare():
    value = schedule({"x": 0, "y": 0}, [step("x", "y")], "x", "y")
    assert planner.run(value).arena_bytes == 1


@st.composite
def schedules(draw):
    """Random networks: each step reads one or two earlier buffers and writes a new one; views here and there."""
    sizes, steps, views, known = {"x0": draw(st.integers(1, 99)), "x1": draw(st.integers(1, 99))}, [], {}, ["x0", "x1"]
    for k in range(draw(st.integers(1, 14))):
        reads = draw(st.lists(st.sampled_from(known), min_size=1, max_size=2, unique=True))
        sizes[f"b{k}"] = draw(st.integers(0, 99))
        steps.append(step(" ".join(reads), f"b{k}", scratch=draw(st.sampled_from([0, 0, 5, 64]))))
        known.append(f"b{k}")
        if draw(st.booleans()):
            sizes[f"v{k}"] = sizes[f"b{k}"]
            views[f"v{k}"] = View(f"b{k}")
            known.append(f"v{k}")
    outputs = draw(st.sets(st.sampled_from([f"b{k}" for k in range(len(steps))]), min_size=1, max_size=3))
    return schedule(sizes, steps, "x0 x1", " ".join(sorted(outputs)), views)


@settings(max_examples=40)
@given(schedules())
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
