"""Variables: every run of a stream gives TFLM's bytes, in the reference and in the generated code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from barecast import frontends, passes, reference
from barecast.errors import ModelError, UnsupportedError
from barecast.graph import Graph
from barecast.options import Options

from tests.state.graphs import planned, run
from tests.tflite.build import RESOURCE, G, O, T, const, model
from tests.tflite.variables import F32, S8, STREAMS, Stream, Var, add, init, once

runtime = pytest.importorskip("tflite_micro", reason="it has wheels for Linux on x86-64 only").runtime


def read(data: bytes, place: Path) -> Graph:
    path = place / "model.tflite"
    path.write_bytes(data)
    return frontends.read(path)


def by_tflm(stream: Stream, graph: Graph) -> dict[str, np.ndarray]:
    """Outputs by name, samples first."""
    interpreter = runtime.Interpreter.from_bytes(stream.model, arena_size=1 << 20)
    rows: dict[str, list[np.ndarray]] = {port.name: [] for port in graph.outputs}
    for index in range(len(next(iter(stream.inputs.values())))):
        for place, array in enumerate(stream.inputs.values()):
            interpreter.set_input(array[index], place)
        interpreter.invoke()
        for place, name in enumerate(rows):
            rows[name].append(np.array(interpreter.get_output(place)))
    return {name: np.stack(arrays) for name, arrays in rows.items()}


@pytest.mark.parametrize("stream", STREAMS, ids=lambda s: s.name)
def test_the_reference_gives_tflms_bytes(stream: Stream, tmp_path: Path) -> None:
    imported = read(stream.model, tmp_path)
    wanted = by_tflm(stream, imported)
    assert any(len(np.unique(array, axis=0)) > 2 for array in wanted.values())
    for graph in (imported, passes.run(imported, Options())):
        count = len(next(iter(stream.inputs.values())))
        rows = [{name: array[i] for name, array in stream.inputs.items()} for i in range(count)]
        for index, values in enumerate(reference.sequence(graph, rows)):
            for name, array in reference.outputs(graph, values).items():
                assert np.array_equal(array, wanted[name][index]), f"{name} of run {index}"


@pytest.mark.parametrize("target", ["host", "cortex-m4"])
def test_the_generated_code_gives_tflms_bytes(target: str, tmp_path: Path) -> None:
    graphs = [read(stream.model, tmp_path) for stream in STREAMS]
    results = run(graphs, [stream.inputs for stream in STREAMS], tmp_path, target)
    for stream, graph, result in zip(STREAMS, graphs, results, strict=True):
        for name, want in by_tflm(stream, graph).items():
            assert np.array_equal(result.outputs[name], want), stream.name


def named(name: str) -> Stream:
    return next(stream for stream in STREAMS if stream.name == name)


def test_only_what_outlasts_a_run_is_a_state(tmp_path: Path) -> None:
    assert read(named("assigned first").model, tmp_path).states == ()
    states = read(named("delays").model, tmp_path).states
    assert [state.name for state in states] == ["d1", "d2", "d3"]


def test_the_container_belongs_to_the_name(tmp_path: Path) -> None:
    x, a, b, y = (T((2,), **S8) for _ in range(4))
    u, v = Var("d"), Var("d", "box")
    operators = [u.handle(), v.handle(), u.read(a), v.read(b), add(a, b, y), u.assign(x), v.assign(a)]
    states = read(model(operators, (x,), (y,)), tmp_path).states
    assert [(state.name, state.after) for state in states] == [("d", "t0"), ("box/d", states[0].before)]


def test_a_window_is_kept_in_place(tmp_path: Path) -> None:
    _, schedule, plan = planned(read(named("window").model, tmp_path))
    assert all(step.op != "copy" for step in schedule.steps) and plan.state_bytes == 12


def test_initial_values(tmp_path: Path) -> None:
    def initial(name: str) -> list:
        return read(named(name).model, tmp_path).states[0].initial.tolist()

    assert initial("sum s8 constant") == [[5, -2, 0, 7]]
    assert initial("sum s8 computed") == [[13, -1, 3, 17]]
    assert initial("sum s8 none") == [[-3, -3, -3, -3]]
    assert initial("sum f32 none") == [[0.0, 0.0, 0.0, 0.0]]


def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    x, old, y, v = T((2,), **S8), T((2,), **S8), T((2,), **S8), Var("v")
    body = [v.handle(), v.read(old), add(x, old, y)]
    value = const([1, 2], np.int8, **S8)

    def refused(kind: type, message: str, operators, more=()) -> None:
        with pytest.raises(kind, match=message):
            read(model(operators, (x,), (y,), more), tmp_path)

    refused(UnsupportedError, 'variable "v" is used before it is initialised', [*body, once(1)], [init(("v", value))])
    refused(ModelError, "calls subgraph 7 of 1", [once(7), *body])
    refused(ModelError, "calls subgraph 0 of 1", [once(0), *body])
    refused(ModelError, "has inputs or outputs", [once(1), *body], [G([], (T((2,), **S8),))])
    long = const([1, 2, 3], np.int8, **S8)
    refused(ModelError, r"initialised with int8 \[3\], and holds int8 \[2\]", [once(1), *body], [init(("v", long))])
    inner, got, sum_ = Var("v"), T((2,), **S8), T((2,), **S8)
    reads = G([inner.handle(), inner.read(got), add(got, value, sum_), inner.assign(sum_)])
    refused(UnsupportedError, "reads a variable", [once(1), *body], [reads])
    refused(UnsupportedError, "within another subgraph", [once(1), *body], [G([once(2)]), G([])])
    refused(ModelError, "calls itself", [once(1), *body], [G([once(1)])])
    refused(ModelError, r"holds int8 \[2\], and is given float32 \[2\]", [*body, v.assign(const([1, 2], np.float32))])
    refused(ModelError, r"holds int8 \[2\], and is given int8 \[3\]", [*body, v.assign(long)])
    refused(ModelError, "is no variable", [O("READ_VARIABLE", (x,), (old,)), add(x, old, y)])
    refused(ModelError, "gives int8, no resource", [O("VAR_HANDLE", (), (old,), v.options), add(x, old, y)])
    other = T((2,), **F32)
    refused(ModelError, r"its output is f32 \[2\] in the file, and s8 \[2\]", [*body, v.read(other)])
    handle = T((), RESOURCE, name="h")
    with pytest.raises(UnsupportedError, match='output "h" is resource'):
        read(model([*body, O("VAR_HANDLE", (), (handle,), v.options)], (x,), (y, handle)), tmp_path)
