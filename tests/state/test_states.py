"""What a model keeps from run to run: in the graph, in the plan and in the generated code."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from barecast import check, emit, reference, targets, text
from barecast.errors import InternalError
from barecast.graph import GraphBuilder, Port, State
from barecast.ops.binary import Binary
from barecast.options import Options
from barecast.passes.rewrite import Rewrite
from barecast.schedule import ARENA, STATE, Placement

from tests.emit.hosted import C99, CXX17, WARNINGS
from tests.state.graphs import ALL, DELAYS, RUNNING_SUM, SHARED, SWAP, WINDOW, by_reference, planned, run, stream_for


def test_the_reference_goes_on_from_state_to_state():
    x = np.ones((3, 1, 4), np.float32)
    assert by_reference(RUNNING_SUM, {"x": x})["y"].tolist() == [[[2, 3, 4, 5]], [[3, 4, 5, 6]], [[4, 5, 6, 7]]]
    values = reference.trace(RUNNING_SUM, {"x": x[0]}, {"sum": 10 * x[0]})
    assert reference.next_states(RUNNING_SUM, values)["sum"].tolist() == [[11, 11, 11, 11]]
    assert reference.run(RUNNING_SUM, {"x": x[0]})["y"].tolist() == [[2, 3, 4, 5]]


def test_a_wrong_state_is_found():
    def broken(message: str, **change) -> None:
        (state,) = RUNNING_SUM.states
        with pytest.raises(InternalError, match=message):
            check.graph(replace(RUNNING_SUM, states=(replace(state, **change),)))

    broken("starts as a constant, an input or another state", before="x")
    broken("does not exist", before="nothing")
    broken("does not exist", after="nothing")
    broken("starts with float32", initial=np.zeros((4, 1), np.float32))
    broken("starts with int8", initial=np.zeros((1, 4), np.int8))
    wide = text.loads(text.dumps(WINDOW).replace('next "frames" %new', 'next "frames" %all'))
    with pytest.raises(InternalError, match=r"s8\[1,3,1,5\].* before a run and s8\[1,4,1,5\].* after it"):
        check.graph(wide)
    with pytest.raises(InternalError, match="two states have the same name"):
        check.graph(text.loads(text.dumps(SWAP).replace('state "b"', 'state "a"').replace('next "b"', 'next "a"')))
    late = text.loads(text.dumps(RUNNING_SUM))
    with pytest.raises(InternalError, match="nothing computes the next value"):
        check.graph(replace(late, nodes=(), outputs=(Port("y", "x"),)))


def test_what_a_state_needs_is_not_dead():
    builder = GraphBuilder.like(RUNNING_SUM)
    builder.outputs = [Port("y", "x")]
    builder.nodes = list(RUNNING_SUM.nodes)
    rewrite = Rewrite(builder.build())
    assert rewrite.is_output("after") and not rewrite.is_private("after")
    rewrite.redirect("after", "x")
    made = rewrite.build()
    assert made.states[0].after == "x" and made.outputs[0].tensor == "x" and not made.nodes


def names_of_copies(graph) -> list[str]:
    return [step.title for step in planned(graph)[1].steps if step.op == "copy"]


def test_in_place_where_the_old_value_has_been_read():
    """The window's new frames are written where the old ones were: no copy of the state."""
    _, schedule, plan = planned(WINDOW)
    assert names_of_copies(WINDOW) == []
    (slot,) = schedule.slots
    assert slot.after != slot.buffer
    assert plan.placements[slot.buffer] == plan.placements[slot.after]
    assert plan.placements[slot.after].region == STATE and plan.state_bytes == 16


def test_copies_where_it_must_be():
    assert names_of_copies(RUNNING_SUM) == ["Copy for state 0"]  # the sum is an output, and reads while it writes
    assert names_of_copies(DELAYS) == [
        "Copy for output 1",
        "Copy for state 2",
        "Copy for state 1",
        "Copy for state 0",
        "Copy for state 4",
    ]
    assert names_of_copies(SWAP) == [
        "Copy for state 3",
        "Copy of state 0, which changes places",
        "Copy for state 0",
        "Copy for state 1",
        "Copy for state 2",
    ]
    assert names_of_copies(SHARED) == ["Copy for state 1"]


def test_the_generated_code_goes_on_from_state_to_state(tmp_path: Path):
    graphs = list(ALL.values())
    streams = [stream_for(graph, 9, seed) for seed, graph in enumerate(graphs)]
    for graph, stream, result in zip(graphs, streams, run(graphs, streams, tmp_path), strict=True):
        for name, want in by_reference(graph, stream).items():
            assert np.array_equal(result.outputs[name], want), f"{graph.name}: {name}"


@pytest.mark.parametrize("seed", range(3))
def test_random_states(seed: int, tmp_path: Path):
    """States that are each other's, inputs, outputs and results in every order, fifteen graphs at a time."""
    graphs = [random_graph(seed * 100 + index) for index in range(15)]
    streams = [stream_for(graph, 5, index) for index, graph in enumerate(graphs)]
    for graph, stream, result in zip(graphs, streams, run(graphs, streams, tmp_path), strict=True):
        for name, want in by_reference(graph, stream).items():
            assert np.array_equal(result.outputs[name], want), text.dumps(graph)


def random_graph(seed: int):
    random = np.random.default_rng(seed)
    lines = [f'graph "random {seed}" tflite', 'input "x" %x: f32[3]', "const %k: f32[3] = [1.0, 2.0, 3.0]"]
    known = ["x", "k"]
    count = int(random.integers(1, 5))
    for n in range(count):
        lines.append(f'state "s{n}" %s{n}: f32[3] = [{n}.0, {n + 1}.0, -1.0]')
        known.append(f"s{n}")
    for n in range(int(random.integers(1, 7))):
        a, b = random.choice(known, 2)
        lines.append(f"%t{n}: f32[3] = binary(%{a}, %{b}) kind={random.choice(['sub', 'add'])}")
        known.append(f"t{n}")
        if random.random() < 0.3:
            lines.append(f"%v{n}: f32[3] = reshape(%t{n}) shape=(3,)")
            known.append(f"v{n}")
    outputs = random.choice(known, int(random.integers(1, 3)))
    lines += [f'output "y{n}" %{name}' for n, name in enumerate(outputs)]
    lines += [f'next "s{n}" %{random.choice(known)}' for n in range(count)]
    return text.loads("\n".join(lines))


def test_on_a_core_without_an_operating_system(tmp_path: Path):
    graphs = [WINDOW, DELAYS]
    streams = [stream_for(graph, 4, 7) for graph in graphs]
    for graph, stream, result in zip(graphs, streams, run(graphs, streams, tmp_path, "cortex-m0"), strict=True):
        for name, want in by_reference(graph, stream).items():
            assert np.array_equal(result.outputs[name], want)


def test_a_reset_gives_the_initial_values_and_streams_do_not_meet(tmp_path: Path):
    """C as a user writes it: two streams that take turns in one arena, one of them copied and one reset half-way."""
    _, schedule, plan = planned(RUNNING_SUM, "sums")
    tree = emit.run(schedule, plan, targets.load("host"), Options())
    tree.write(tmp_path)
    (tmp_path / "main.c").write_text(
        """
        #include <stdio.h>
        #include "sums.h"
        static uint8_t arena[SUMS_ARENA_BYTES] __attribute__((aligned(SUMS_ARENA_ALIGN)));
        static float step(sums_state *state, float x)
        {
            for (int i = 0; i < SUMS_INPUT_0_ELEMENTS; i++) sums_input_0(arena)[i] = x;
            sums_run(arena, state);
            return sums_output_0(arena)[0];
        }
        int main(void)
        {
            sums_state a, b, c;
            sums_state_reset(&a);
            sums_state_reset(&b);
            printf("%g %g %g %g ", (double)step(&a, 1), (double)step(&b, 10), (double)step(&a, 1), (double)step(&b, 10));
            c = a;
            sums_state_reset(&b);
            printf("%g %g %g", (double)step(&a, 1), (double)step(&b, 5), (double)step(&c, 2));
            return 0;
        }
        """
    )
    sources = [tmp_path / name for name in tree.files if name.endswith(".c")]
    program = tmp_path / "program"
    subprocess.run([*C99, *WARNINGS, "-O2", *sources, tmp_path / "main.c", "-o", program], check=True)
    done = subprocess.run([program], capture_output=True, text=True, check=True)
    # arguments are evaluated in any order, but each stream sees its own sums only: sets, not sequences
    first, second = done.stdout.split()[:4], done.stdout.split()[4:]
    assert sorted(first, key=float) == ["2", "3", "11", "21"] and second == ["4", "6", "5"]


@pytest.mark.parametrize("compiler", [C99, ("gcc", "-std=c11"), CXX17], ids=["c99", "c11", "c++17"])
@pytest.mark.parametrize("name", ALL)
def test_the_generated_code_compiles_without_warnings(compiler, name: str, tmp_path: Path):
    _, schedule, plan = planned(ALL[name], "net")
    tree = emit.run(schedule, plan, targets.load("host"), Options(trace=True))
    tree.write(tmp_path)
    sources = [tmp_path / path for path in tree.files if path.endswith(".c")]
    done = subprocess.run([*compiler, *WARNINGS, "-O1", "-c", *sources], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_manifest_lists_the_states():
    _, schedule, plan = planned(WINDOW)
    manifest = emit.manifest(emit.run(schedule, plan, targets.load("host"), Options()))
    assert (manifest["state_bytes"], manifest["state_align"]) == (16, 4)
    (state,) = manifest["states"]
    assert state.pop("scale") == pytest.approx(0.1)
    assert state == {"name": "frames", "dtype": "s8", "shape": [1, 3, 1, 5], "zero_point": -128, "offset": 0, "bytes": 15}
    regions = {output["tensor"]: output["region"] for step in manifest["steps"] for output in step["outputs"]}
    assert regions["new"] == "state" and regions["y"] == "arena"


def test_a_model_without_states_is_as_before():
    graph = text.loads('graph "g" tflite\ninput "x" %x: f32[2]\n%y: f32[2] = binary(%x, %x) kind=add\noutput "y" %y\n')
    _, schedule, plan = planned(graph)
    tree = emit.run(schedule, plan, targets.load("host"), Options())
    assert plan.state_bytes == 0 and "void net_run(void *arena);" in tree.files["net.h"]
    assert "state" not in tree.files["net.h"] + tree.files["net.c"]


def test_a_plan_that_mixes_state_and_arena_is_refused():
    _, schedule, plan = planned(WINDOW)
    (slot,) = schedule.slots

    def refused(message: str, **places: Placement) -> None:
        with pytest.raises(InternalError, match=f"memory plan: .*{message}"):
            check.plan(schedule, replace(plan, placements={**plan.placements, **places}))

    home = plan.placements[slot.buffer]
    refused("lies outside of the state", **{slot.after: replace(home, offset=4)})
    with pytest.raises(InternalError, match="new lies in the arena"):
        apart = {**plan.placements, slot.after: replace(home, region=ARENA, offset=64)}
        check.plan(schedule, replace(plan, placements=apart, arena_bytes=80))
    refused("lies outside of the state", all=replace(plan.placements["all"], region=STATE))
    with pytest.raises(InternalError, match="is not kept where old is looked for"):
        moved = {**plan.placements, slot.after: replace(home, offset=16)}
        check.plan(schedule, replace(plan, placements=moved, state_bytes=32))
    with pytest.raises(InternalError, match="old was overwritten by new when step 3"):
        check.plan(replace(schedule, steps=(*schedule.steps[:3], schedule.steps[0], schedule.steps[3])), plan)


def test_a_schedule_with_a_wrong_state_is_refused():
    _, schedule, _ = planned(WINDOW)
    (slot,) = schedule.slots

    def refused(message: str, *slots) -> None:
        with pytest.raises(InternalError, match=f"schedule: .*{message}"):
            check.schedule(replace(schedule, slots=slots))

    refused("differ in type", replace(slot, after="all"))
    refused("is a view or has no type", replace(slot, buffer="nothing"))
    refused("starts with another type", replace(slot, initial=np.zeros(3, np.int8)))
    refused("one name", slot, slot)
    refused("reads old before it is written", replace(slot, buffer="new", after="new"))
    with pytest.raises(InternalError, match="new, which must outlast the run, is never written"):
        check.schedule(replace(schedule, steps=(*schedule.steps[:2], *schedule.steps[3:])))


def test_states_have_one_name_each_in_the_builder():
    builder = GraphBuilder("names")
    x = builder.tensor("x", RUNNING_SUM.type("x"))
    builder.states.append(State("s", x, x, np.zeros((1, 4), np.float32)))
    y = builder.tensor("y", RUNNING_SUM.type("x"))
    builder.add("binary", Binary("add"), (x, x), (y,))
    builder.outputs.append(Port("y", y))
    made = builder.build()
    check.graph(made)
    assert GraphBuilder.like(made).states == list(made.states)
    assert not made.states[0].initial.flags.writeable
