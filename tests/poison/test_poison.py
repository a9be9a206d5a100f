"""Memory that nobody wants is garbage after each step, and nobody misses it; and what happens if somebody does.

A longer run: python -m tests.poison --target cortex-m55 --count 500.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from barecast import emit, pipeline, targets
from barecast.emit.probes import probes
from barecast.pipeline import Compiled
from barecast.samples import random_samples
from barecast.schedule import ARENA, MemoryPlan, Overlap, Placement, Schedule
from barecast.verification import verify

from tests.planner.build import schedule, step
from tests.planner.networks import network
from tests.poison.watched import Outcome, by_rows, compiled, outcomes, run
from tests.state import graphs

DIGITS = Path(__file__).resolve().parents[2] / "models" / "digits"
SHARED = DIGITS.parents[2] / "shared"
HOST = targets.load("host")


@pytest.mark.parametrize("target, first", [("cortex-m4", 1000), ("cortex-m55", 2000)])
def test_random_networks(target, first, tmp_path):
    found = outcomes(range(first, first + 13), targets.load(target), tmp_path)
    assert [outcome for outcome in found if not outcome.passed] == []
    assert sum(outcome.steps for outcome in found) > 130


WIDER = 278
"""On cortex-m4 a depthwise convolution in place whose output row is longer than its input row."""


@pytest.mark.parametrize("target, first", [("cortex-m4", 1000), ("cortex-m55", 2000)])
def test_random_chains_by_rows(target, first, tmp_path):
    models = {seed: by_rows(seed, targets.load(target)) for seed in (*range(first, first + 6), WIDER)}
    assert all(model.schedule.streams for model in models.values())
    assert [outcome for outcome in run(models, tmp_path) if not outcome.passed] == []


@pytest.mark.parametrize(
    "name, target", [("digits_int8", "cortex-m0"), ("digits_int8", "cortex-m55"), ("digits_float", "cortex-m4")]
)
def test_the_digits_networks(name, target):
    made = pipeline.compile_model(DIGITS / f"{name}.onnx", targets.load(target))
    verdict = verify(made, random_samples(made.graph, 2), reference_name="barecast", poison=True)
    assert verdict.passed and verdict.strays == ()


@pytest.mark.skipif(not (SHARED / "models").is_dir(), reason="the reference models are not at hand")
def test_keyword_spotting():
    made = pipeline.compile_model(SHARED / "models" / "kws_int8.tflite", targets.load("cortex-m55"))
    assert verify(made, random_samples(made.graph, 1), reference_name="barecast", poison=True).passed


def test_states(tmp_path):
    """What a model keeps is not garbage; what it does not need between two turns of a state is."""
    drawn = [graphs.planned(graph)[0] for graph in graphs.ALL.values()]
    models = {number: compiled(graph, HOST, f"net{number}") for number, graph in enumerate(drawn)}
    assert [outcome for outcome in run(models, tmp_path, samples=4) if not outcome.passed] == []


def test_a_state_is_garbage_between_its_values():
    """The window's old value is read by the first step, the new one written by the third."""
    _, value, plan = graphs.planned(graphs.WINDOW)
    found = probes(value, plan)
    kept = [any(region == 1 for region, _, _ in moment["keeps"]) for moment in found["steps"]]
    assert kept == [False, False, True, True]
    assert (1, 0, 15) in found["before"]


def test_spans_of_a_chain():
    """x (8 B) -> a (40 B) -> b, whose end lies 16 B behind a's start, with 8 B of scratch memory -> y (8 B)."""
    steps = [step("x", "a"), step("a", "b", scratch=8, overlap=(Overlap(16),)), step("b", "y")]
    value = schedule({"x": 8, "a": 40, "b": 40, "y": 8}, steps, "x", "y")
    spots = {"x": 0, "a": 40, "b": 16, "y": 0, "scratch of step 1": 0}
    sizes = {"x": 8, "a": 40, "b": 40, "y": 8, "scratch of step 1": 8}
    lives = {"x": (-1, 0), "a": (0, 1), "b": (1, 2), "y": (2, 3), "scratch of step 1": (1, 1)}
    plan = MemoryPlan({k: Placement(ARENA, spots[k], sizes[k], *lives[k]) for k in spots}, 80, 16, 64, "by hand")
    assert probes(value, plan) == {
        "before": [(0, 0, 8)],
        "steps": [
            {"writes": [(0, 40, 40)], "keeps": [(0, 40, 40)]},
            {"writes": [(0, 0, 8), (0, 16, 40)], "keeps": [(0, 16, 40)]},
            {"writes": [(0, 0, 8)], "keeps": [(0, 0, 8)]},
        ],
    }


def test_ordinary_builds_have_no_probes():
    made = pipeline.compile_model(DIGITS / "digits_int8.onnx", HOST)
    assert "probes" not in emit.manifest(made.tree)
    assert not [path for path, content in made.tree.files.items() if b"_probe" in _bytes(content)]


# Sabotage: what is wrong must be found.


def broken(replan, tmp_path: Path, *, probe: bool = True) -> tuple[Compiled, Outcome]:
    """A network with a plan that is wrong."""
    model = compiled(network(SABOTAGED), HOST, "net", replan)
    if not probe:
        options = replace(model.options, probe=False)
        model = replace(model, options=options, tree=emit.run(model.schedule, model.plan, HOST, options))
    (outcome,) = run({SABOTAGED: model}, tmp_path)
    return model, outcome


SABOTAGED = 23
"""The seed of a network with branches, so that buffers outlive the next step."""


def longest(plan: MemoryPlan, end: int) -> str:
    """What lives longest between the model's inputs and outputs."""
    inner = {k: p for k, p in plan.placements.items() if p.region == ARENA and p.first >= 0 and p.last < end}
    return max(inner, key=lambda k: inner[k].last - inner[k].first)


def moved(plan: MemoryPlan, key: str, **fields: int) -> MemoryPlan:
    return replace(plan, placements={**plan.placements, key: replace(plan.placements[key], **fields)})


def test_the_sabotaged_network_is_right_as_it_is(tmp_path):
    assert broken(lambda schedule, plan: plan, tmp_path)[1].passed


def test_a_plan_that_puts_two_live_buffers_into_the_same_bytes(tmp_path):
    found = {}

    def overlap(schedule: Schedule, plan: MemoryPlan) -> MemoryPlan:
        held = found["held"] = longest(plan, len(schedule.steps))
        place = plan.placements[held]
        begun = {p.first: key for key, p in plan.placements.items() if place.first < p.first < place.last and p.bytes > 8}
        found["step"] = min(step for step, key in begun.items() if key in schedule.buffers)
        return moved(plan, begun[found["step"]], offset=place.offset)

    _, outcome = broken(overlap, tmp_path)
    assert not outcome.passed and not outcome.own.passed
    assert (outcome.strays[0].step, outcome.strays[0].holds) == (found["step"], found["held"])


def test_a_plan_that_gives_a_buffer_away_too_soon(tmp_path):
    """Not even the outputs are wrong without garbage, where nothing else is put there."""

    def shorten(schedule: Schedule, plan: MemoryPlan) -> MemoryPlan:
        held = longest(plan, len(schedule.steps))
        place = plan.placements[held]
        apart = moved(replace(plan, arena_bytes=plan.arena_bytes + place.bytes + 8), held, offset=-(-plan.arena_bytes // 8) * 8)
        return moved(apart, held, last=place.last - 1)

    assert broken(shorten, tmp_path / "plain", probe=False)[1].passed
    _, outcome = broken(shorten, tmp_path / "watched")
    assert not outcome.own.passed and outcome.strays == ()


def test_rows_that_are_given_away_too_soon(tmp_path):
    """Rows that a stream holds are wanted until it ends: one step less is found."""

    def shorten(schedule: Schedule, plan: MemoryPlan) -> MemoryPlan:
        (stream,) = schedule.streams
        held = next(name for name, one in stream.held.items() if not one.passing)
        return moved(plan, held, last=stream.first)

    models = {seed: by_rows(2, HOST, replan, name=f"n{seed}") for seed, replan in enumerate((None, shorten))}
    whole, short = run(models, tmp_path)
    assert whole.passed and not short.own.passed


def test_steps_that_write_what_is_not_theirs():
    """Each of four steps changes another kind of byte; the outputs do not depend on any of them."""
    made = pipeline.compile_model(DIGITS / "digits_int8.onnx", HOST)
    arena, places = made.plan.arena_bytes, made.plan.placements

    def held(*keys: str) -> set[int]:
        return {byte for key in keys for byte in range(places[key].offset, places[key].offset + places[key].bytes)}

    def alive(index: int) -> set[int]:
        return held(*(key for key, place in places.items() if place.first <= index <= place.last))

    reads, writes = made.schedule.steps[3].inputs[0], made.schedule.steps[3].outputs[0]
    wanted = [
        (1, -5, "guard"),
        (3, min(held(reads) - held(writes)), reads),
        (4, arena + 9, "guard"),
        (5, max(set(range(arena)) - alive(5)), "nothing"),
    ]

    def change(tree):
        text = tree.files["digits_int8.c"]
        for index, offset, _ in wanted:
            call = f"digits_int8_probe({index})"
            assert text.count(call) == 1
            text = text.replace(call, f"a[{offset}] ^= 1;\n    {call}")
        return tree.with_files({"digits_int8.c": text})

    verdict = verify(made, random_samples(made.graph, 2), reference_name="barecast", change=change, poison=True)
    assert not verdict.passed and verdict.own.mismatched == 0
    assert [(s.step, s.offset, s.holds) for s in verdict.strays] == wanted
    assert {(s.sample, s.region) for s in verdict.strays} == {(0, ARENA)}
    shown = verdict.as_json()
    assert shown["status"] == "fail" and [s["name"][:19] for s in shown["strays"]] == [
        f"digits_int8_step_{index + 1:02}" for index, _, _ in wanted
    ]
    assert f"byte {wanted[3][1]} of the arena, where nothing lies" in verdict.strays[3].sentence()


def _bytes(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode()
