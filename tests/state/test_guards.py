"""Steps that run only on a condition: what belongs to one side of a join, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from barecast import check, emit, guards, runners, targets, text, toolchain
from barecast.errors import InternalError
from barecast.options import Options
from barecast.passes.merge_duplicates import merge_duplicates
from barecast.passes.remove_identities import remove_identities
from barecast.schedule import Guard

from tests.passes.expect import becomes
from tests.state.graphs import by_reference, planned, run

HEAD = 'graph "g" tflite\ninput "c" %c: bool[1]\ninput "d" %d: bool[]\ninput "x" %x: f32[3]\n'

SIMPLE = text.loads(
    HEAD
    + """%a: f32[3] = binary(%x, %x) kind=add
%b: f32[3] = binary(%a, %x) kind=mul
%e: f32[3] = binary(%x, %x) kind=mul
%y: f32[3] = join(%c, %b, %e)
output "y" %y
"""
)

NESTED = text.loads(
    HEAD
    + """%both: f32[3] = binary(%x, %x) kind=add
%p: f32[3] = binary(%both, %x) kind=mul
%q: f32[3] = binary(%both, %both) kind=mul
%inner: f32[3] = join(%d, %p, %q)
%then: f32[3] = binary(%inner, %inner) kind=sub
%shared: f32[3] = binary(%x, %both) kind=sub
%y: f32[3] = join(%c, %then, %shared)
%z: f32[3] = binary(%shared, %y) kind=add
output "y" %z
"""
)


def conditions(graph) -> dict[str, str]:
    """Tensor -> the conditions of its node, e.g. "c !d"."""
    found = zip(graph.nodes, guards.of(graph), strict=True)
    return {n.outputs[0]: " ".join(("" if g.value else "!") + g.condition for g in of) for n, of in found}


def test_what_one_side_alone_wants_is_conditional():
    assert conditions(SIMPLE) == {"a": "c", "b": "c", "e": "!c", "y": ""}


def test_what_is_wanted_elsewhere_too_is_not():
    assert conditions(NESTED) == {
        "both": "", "p": "c d", "q": "c !d", "inner": "c", "then": "c", "shared": "", "y": "", "z": "",
    }  # fmt: skip


def test_a_condition_that_comes_later_does_not_guard():
    late = text.loads(
        HEAD
        + """%a: f32[3] = binary(%x, %x) kind=add
%less: bool[3] = compare(%x, %x) kind=less
%l: bool[1] = slice(%less) begin=(0,) size=(1,) step=(1,)
%y: f32[3] = join(%l, %a, %x)
output "y" %y
"""
    )
    assert conditions(late)["a"] == ""


def test_both_sides_are_computed_in_the_result():
    _, schedule, _ = planned(SIMPLE)
    assert [step.op for step in schedule.steps] == ["binary"] * 3
    assert schedule.root("b") == schedule.root("e") == ("y", 0)


def test_only_the_taken_side_runs(tmp_path: Path):
    _, schedule, plan = planned(SIMPLE)
    core = targets.load("host")
    folder = emit.run(schedule, plan, core, Options(trace=True)).write(tmp_path / "net")
    image = toolchain.build([folder], core, out=tmp_path / "build")
    inputs = {"c": np.array([[True], [False]]), "d": np.zeros(2, bool), "x": np.ones((2, 3), np.float32)}
    result = runners.run(image, inputs, count=False).models[0]
    assert [(record.sample, record.step) for record in result.trace] == [(0, 0), (0, 1), (1, 2)]
    assert result.outputs["y"].tolist() == [[2, 2, 2], [1, 1, 1]]


def test_duplicates_of_two_sides_stay_apart():
    graph = text.loads(
        HEAD
        + """%k: f32[3] = unary(%x) kind=tanh
%a: f32[3] = unary(%x) kind=tanh
%e: f32[3] = unary(%x) kind=sigmoid
%a2: f32[3] = binary(%a, %e) kind=add activation=clamp(0.0,6.0)
%f: f32[3] = unary(%x) kind=sigmoid
%y: f32[3] = join(%c, %a2, %f)
%z: f32[3] = binary(%y, %k) kind=add activation=clamp(0.0,6.0)
output "z" %z
"""
    )
    merged = merge_duplicates(graph)
    assert conditions(merged) == {"k": "", "e": "c", "a2": "c", "f": "!c", "y": "", "z": ""}


def test_a_known_condition_leaves_one_side():
    head = 'graph "g" tflite\ninput "x" %x: f32[3]\n'
    double, square = "%a: f32[3] = binary(%x, %x) kind=add\n", "%e: f32[3] = binary(%x, %x) kind=mul\n"
    known = "const %no: bool[1] = [false]\n"
    before = head + known + double + square + '%y: f32[3] = join(%no, %a, %e)\noutput "y" %y\n'
    becomes(remove_identities, before, head + square + 'output "y" %e\n')


def random_graph(seed: int):
    """Joins of anything, within sides of other joins too."""
    random = np.random.default_rng(seed)
    lines, known, bools = [HEAD.rstrip()], ["x"], ["c", "e"]
    lines.append('state "s" %s: f32[3] = [1.0, 0.0, -1.0]')
    lines.append("const %zero: f32[1] = [0.0]")
    lines.append("%e: bool[1] = reshape(%d) shape=(1,)")
    known.append("s")
    for n in range(int(random.integers(4, 14))):
        a, b = random.choice(known, 2)
        if random.random() < 0.4:
            lines.append(f"%t{n}: f32[3] = join(%{random.choice(bools)}, %{a}, %{b})")
        elif random.random() < 0.2:
            lines.append(f"%t{n}: f32[3] = reshape(%{a}) shape=(3,)")
        else:
            lines.append(f"%t{n}: f32[3] = binary(%{a}, %{b}) kind={random.choice(['sub', 'add'])}")
        known.append(f"t{n}")
        if random.random() < 0.2:
            lines.append(f"%f{n}: f32[1] = slice(%{a}) begin=(1,) size=(1,) step=(1,)")
            lines.append(f"%l{n}: bool[1] = compare(%f{n}, %zero) kind=less")
            bools.append(f"l{n}")
    lines += [f'output "y" %{known[-1]}', f'output "z" %{random.choice(known)}', f'next "s" %{random.choice(known)}']
    return text.loads("\n".join(lines))


@pytest.mark.parametrize("seed", range(3))
def test_random_joins(seed: int, tmp_path: Path):
    graphs = [random_graph(100 * seed + index) for index in range(20)]
    random = np.random.default_rng(seed)
    stream = {
        "c": random.integers(0, 2, (12, 1)).astype(bool),
        "d": random.integers(0, 2, 12).astype(bool),
        "x": random.integers(-3, 4, (12, 3)).astype(np.float32),
    }
    guarded = 0
    for graph, result in zip(graphs, run(graphs, [stream] * len(graphs), tmp_path), strict=True):
        guarded += sum(1 for step in planned(graph)[1].steps if step.guards)
        for name, want in by_reference(graph, stream).items():
            assert np.array_equal(result.outputs[name], want), text.dumps(graph)
    assert guarded > 20


def test_a_schedule_that_reads_what_may_be_absent_is_refused():
    _, schedule, plan = planned(SIMPLE)

    def refused(message: str, index: int, *under: Guard) -> None:
        steps = list(schedule.steps)
        steps[index] = replace(steps[index], guards=under)
        with pytest.raises(InternalError, match=message):
            check.schedule(replace(schedule, steps=tuple(steps)))

    refused("reads a before it is written", 1)
    refused("reads a before it is written", 1, Guard("d", True))
    refused("reads a before it is written", 1, Guard("c", False))
    refused("y, which must outlast the run, is never written", 2, Guard("c", True))
    refused("x, which is not one bool", 2, Guard("x", True))
    refused("nothing, which is not one bool", 2, Guard("nothing", True))
    early = text.loads(text.dumps(SIMPLE))
    wrong = replace(early.nodes[-1], inputs=("x", "b", "e"))
    with pytest.raises(InternalError, match="a condition of"):
        check.graph(replace(early, nodes=(*early.nodes[:-1], wrong)))


def test_a_plan_that_overwrites_a_condition_is_refused():
    _, schedule, plan = planned(SIMPLE)
    places = dict(plan.placements)
    for name in "ac":
        places[name] = replace(places[name], offset=64)
    with pytest.raises(InternalError, match="c was overwritten by a when the condition of step"):
        check.plan(schedule, replace(plan, placements=places, arena_bytes=96))
