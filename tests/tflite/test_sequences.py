"""SVDF and LSTM: every run of a stream gives what TFLM gives, in the reference and in the generated code."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from barecast import frontends, passes, reference
from barecast.errors import BarecastError
from barecast.graph import Graph
from barecast.options import Options

from tests.state.graphs import planned, run
from tests.tflite.build import O, T, model
from tests.tflite.sequences import EXTREMES, RUNS, STREAMS, TANH
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


@pytest.mark.parametrize("stream", (*STREAMS, *EXTREMES), ids=lambda s: s.name)
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


def lstm(**change: T | None) -> bytes:
    """A float LSTM of 2 inputs and 3 units, with other tensors at some places ("i9") or other options."""
    data = {n: np.ones((3, n), np.float32) for n in (2, 3)}
    x, y = T((4, 1, 2), np.float32), T((4, 1, 3), np.float32)
    weights = [T((3, n), np.float32, data=data[n]) for n in (2, 2, 2, 2, 3, 3, 3, 3)]
    biases = [T((3,), np.float32, data=np.ones(3, np.float32)) for _ in range(4)]
    states = [T((1, 3), np.float32, variable=True) for _ in range(2)]
    operands = [x, *weights, None, None, None, *biases, None, None, *states, None, None, None, None]
    for key, tensor in change.items():
        if key.startswith("i"):
            operands[int(key[1:])] = tensor
    options = {"FusedActivationFunction": change.get("activation", TANH), "TimeMajor": True}
    table = ("UnidirectionalSequenceLSTMOptions", options)
    return model([O("UNIDIRECTIONAL_SEQUENCE_LSTM", operands, (y,), table)], [x], [y])


def lstm_of_16_bits(**change: T) -> bytes:
    """The same in the 16x8 scheme."""
    wide = {"dtype": np.int16, "scale": 2.0**-15}
    x, y = change.get("i0", T((4, 1, 2), **wide)), T((4, 1, 3), **wide)
    data = {n: np.ones((3, n), np.int8) for n in (2, 3)}
    weights = [T((3, n), scale=0.01, data=data[n]) for n in (2, 2, 2, 2, 3, 3, 3, 3)]
    biases = [T((3,), np.int64, scale=0.01 * 2.0**-15, data=np.ones(3, np.int64)) for _ in range(4)]
    states = [T((1, 3), np.int16, scale=s, variable=True) for s in (2.0**-15, 2.0**-11)]
    operands = [x, *weights, None, None, None, *biases, None, None, *states, None, None, None, None]
    for key, tensor in change.items():
        operands[int(key[1:])] = tensor
    table = ("UnidirectionalSequenceLSTMOptions", {"FusedActivationFunction": TANH, "TimeMajor": True})
    return model([O("UNIDIRECTIONAL_SEQUENCE_LSTM", operands, (y,), table)], [x], [y])


def constant(*shape: int) -> T:
    return T(shape, np.float32, data=np.ones(shape, np.float32))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (lstm(i9=constant(3)), "peepholes"),
        (lstm(i16=constant(3, 3)), "a projection"),
        (lstm(i20=constant(3)), "normalised gates"),
        (lstm(activation=1), "another activation than tanh"),
        (lstm(i18=constant(1, 3)), "input 18 is no variable"),
        (lstm(i19=T((1, 4), np.float32, variable=True)), "states do not hold 1 x 3"),
        (lstm(i2=constant(3, 5)), r"weights of a gate are \[3, 5\]"),
        (lstm(i13=constant(4)), r"biases of \[3, 4, 3, 3\] for 3 units"),
        (lstm(i12=None), "bias is missing"),
        (lstm_of_16_bits(i12=T((3,), np.int32, data=np.ones(3, np.int32))), "bias of int32.*use a vector of int64"),
        (lstm_of_16_bits(i0=T((4, 1, 2), np.int16, scale=0.1, zero=3)), "is int16 with the zero point 3"),
        (lstm_of_16_bits(i18=T((1, 3), scale=0.1, variable=True)), "works on int8 here.*only int16"),
        (lstm_of_16_bits(i2=T((3, 2), np.int16, scale=0.1, data=np.ones((3, 2), np.int16))), "only int8"),
        (lstm_of_16_bits(i19=T((1, 3), scale=0.1, variable=True)), "works on int8 here.*only int16"),
        (lstm_of_16_bits(i18=T((1, 3), np.int16, variable=True)), "has no scale"),
    ],
)
def test_refused(data: bytes, words: str, tmp_path: Path) -> None:
    with pytest.raises(BarecastError) as caught:
        read(data, tmp_path)
    assert re.search(words, str(caught.value), re.DOTALL)


def test_the_good_ones_are_read(tmp_path: Path) -> None:
    for data in (lstm(), lstm_of_16_bits()):
        assert [node.op for node in read(data, tmp_path).nodes] == ["lstm"]
