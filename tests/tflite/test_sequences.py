"""SVDF and LSTM: every run of a stream gives what TFLM gives, in the reference and in the generated code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from barecast import frontends, passes, reference
from barecast.graph import Graph
from barecast.options import Options

from tests.state.graphs import planned, run
from tests.tflite.sequences import RUNS, STREAMS
from tests.tflite.variables import Stream

runtime = pytest.importorskip("tflite_micro", reason="it has wheels for Linux on x86-64 only").runtime


def read(data: bytes, place: Path) -> Graph:
    path = place / "model.tflite"
    path.write_bytes(data)
    return frontends.read(path)


def by_tflm(stream: Stream) -> np.ndarray:
    interpreter = runtime.Interpreter.from_bytes(stream.model, arena_size=1 << 20)
    rows = []
    for row in stream.inputs["x0"]:
        interpreter.set_input(row, 0)
        interpreter.invoke()
        rows.append(np.array(interpreter.get_output(0)))
    return np.stack(rows)


def same(got: np.ndarray, want: np.ndarray) -> bool:
    if want.dtype.kind == "f":
        return bool(np.allclose(got, want, rtol=1e-5, atol=1e-5 * max(1.0, float(np.abs(want).max()))))
    return np.array_equal(got, want)


@pytest.mark.parametrize("stream", STREAMS, ids=lambda s: s.name)
def test_the_reference_gives_tflms_bytes(stream: Stream, tmp_path: Path) -> None:
    imported, wanted = read(stream.model, tmp_path), by_tflm(stream)
    assert len(np.unique(wanted, axis=0)) == RUNS
    for graph in (imported, passes.run(imported, Options())):
        rows = [{"x0": row} for row in stream.inputs["x0"]]
        for index, values in enumerate(reference.sequence(graph, rows)):
            (got,) = reference.outputs(graph, values).values()
            assert same(got, wanted[index]), f"run {index}: {np.argwhere(got != wanted[index])[:5].tolist()}"


@pytest.mark.parametrize("target", ["host", "cortex-m0", "cortex-m4", "cortex-m55"])
def test_the_generated_code_gives_tflms_bytes(target: str, tmp_path: Path) -> None:
    graphs = [read(stream.model, tmp_path) for stream in STREAMS]
    results = run(graphs, [stream.inputs for stream in STREAMS], tmp_path, target)
    for stream, result in zip(STREAMS, results, strict=True):
        (got,) = result.outputs.values()
        assert same(got, by_tflm(stream)), stream.name


@pytest.mark.parametrize("stream", STREAMS, ids=lambda s: s.name)
def test_states_are_updated_in_place(stream: Stream, tmp_path: Path) -> None:
    _, schedule, _ = planned(read(stream.model, tmp_path))
    assert len(schedule.steps) == 1 and schedule.slots
