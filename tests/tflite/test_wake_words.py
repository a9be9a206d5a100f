"""Streaming models as they are shipped: microWakeWord's, hundreds of frames in order, every byte TFLM's.

A wake word's probability is 0 nearly always, so each model also runs cut off before its last layers: then every
channel of the last convolution is an output.
"""

from __future__ import annotations

import struct
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import tflite
from barecast import pipeline, targets
from barecast.host import CompiledModel
from barecast.pipeline import Compiled
from barecast.samples import Samples
from barecast.verification import verify

runtime = pytest.importorskip("tflite_micro", reason="it has wheels for Linux on x86-64 only").runtime
features = pytest.importorskip("pymicro_features", reason="it comes with pymicro-wakeword")
package = pytest.importorskip("pymicro_wakeword", reason="the dev extra has it, for Linux on x86-64")

MODELS = {path.stem: path for path in sorted((Path(package.__file__).parent / "models").glob("*.tflite"))}
SCALE, ZERO, STEP = 0.10196078568696976, -128, 3
"""Of the features: quantisation, and frames in one run."""


@cache
def frames(seed: int, runs: int) -> np.ndarray:
    """[runs, 1, 3, 40] int8: the features of something like speech, a gliding voice that comes and goes, and noise."""
    random = np.random.default_rng(seed)
    seconds = np.arange(int(16000 * (runs * STEP + 10) / 100)) / 16000
    pitch = 130 + 60 * np.sin(2 * np.pi * 0.7 * seconds) + 20 * np.sin(2 * np.pi * 2.3 * seconds + seed)
    phase = 2 * np.pi * np.cumsum(pitch) / 16000
    voice = sum(np.sin(k * phase) * random.uniform(0.2, 1) / k for k in range(1, 25))
    loudness = np.clip(np.sin(2 * np.pi * 1.7 * seconds + seed), 0, 1) ** 2
    noise = random.normal(0, 1, seconds.size) * (200 + 1500 * (np.sin(2 * np.pi * 0.9 * seconds) > 0.6))
    sound = np.clip(voice * loudness * 7000 + noise, -32768, 32767).astype(np.int16).tobytes()
    frontend, rows, at = features.MicroFrontend(), [], 0
    while at + 320 <= len(sound) and len(rows) < runs * STEP:
        made = frontend.process_samples(sound[at : at + 320])
        at += 2 * made.samples_read
        if made.features:
            rows.append(made.features)
    steps = np.clip(np.rint(np.array(rows) / SCALE) + ZERO, -128, 127).astype(np.int8)
    return steps.reshape(runs, 1, STEP, 40)


def cut(data: bytes) -> bytes:
    """The model with what its fully connected layer reads as its output."""
    root = tflite.Model.GetRootAs(data, 0)
    graph = root.Subgraphs(0)
    codes = [root.OperatorCodes(i).BuiltinCode() for i in range(root.OperatorCodesLength())]
    operators = [graph.Operators(i) for i in range(graph.OperatorsLength())]
    (last,) = [o for o in operators if codes[o.OpcodeIndex()] == tflite.BuiltinOperator.FULLY_CONNECTED]
    table = graph._tab
    at = table.Vector(table.Offset(8))
    return data[:at] + struct.pack("<i", last.Inputs(0)) + data[at + 4 :]


@cache
def compiled(name: str, is_cut: bool, target: str, place: Path) -> Compiled:
    path = place / f"{name}{'_cut' if is_cut else ''}.tflite"
    path.write_bytes(cut(MODELS[name].read_bytes()) if is_cut else MODELS[name].read_bytes())
    return pipeline.compile_model(path, targets.load(target))


def by_tflm(path: Path, stream: np.ndarray) -> np.ndarray:
    interpreter, rows = runtime.Interpreter.from_file(str(path), arena_size=1 << 19), []
    for frame in stream:
        interpreter.set_input(frame, 0)
        interpreter.invoke()
        rows.append(np.array(interpreter.get_output(0)))
    return np.stack(rows)


def output(result: dict[str, np.ndarray]) -> np.ndarray:
    (array,) = result.values()
    return array


def test_there_are_four() -> None:
    assert {"alexa", "hey_jarvis", "hey_mycroft", "okay_nabu"} <= set(MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_two_streams_that_take_turns(name: str, tmp_path: Path) -> None:
    """Two instances get a frame each in turn: 300 runs of one, 150 of the other, which then starts again."""
    made = compiled(name, True, "host", tmp_path)
    first, second = frames(1, 300), frames(2, 150)
    wanted = [by_tflm(made.model, stream) for stream in (first, second)]
    assert len(np.unique(wanted[0])) > 100 and (wanted[0].reshape(300, -1).std(axis=0) > 0).sum() > 20
    assert made.plan.state_bytes > 2000 and all(step.op != "copy" for step in made.schedule.steps)
    with CompiledModel(made) as model:
        other = model.instance()
        for index in range(300):
            assert np.array_equal(output(model.run(first[index])), wanted[0][index]), f"run {index}"
            if index == 150:
                other.reset()
            assert np.array_equal(output(other.run(second[index % 150])), wanted[1][index % 150]), f"run {index}"


@pytest.mark.parametrize("name", MODELS)
def test_the_probability(name: str, tmp_path: Path) -> None:
    made = compiled(name, False, "host", tmp_path)
    stream = frames(3, 250)
    verdict = verify(made, Samples({made.graph.inputs[0].name: stream}), reference_name="tflite_micro")
    assert verdict.passed and verdict.against.mismatched == 0 and verdict.own.mismatched == 0
    assert verdict.samples == 250


@pytest.mark.parametrize("target", ["cortex-m4", "cortex-m55"])
def test_on(target: str, tmp_path: Path) -> None:
    made = compiled("okay_nabu", True, target, tmp_path)
    stream = frames(4, 25)
    verdict = verify(made, Samples({made.graph.inputs[0].name: stream}), reference_name="tflite_micro")
    assert verdict.passed and verdict.against.mismatched == 0 and verdict.own.mismatched == 0


def test_a_wrong_state_is_found_in_the_run_that_reads_it(tmp_path: Path) -> None:
    """The last window is moved on by no row: right in the first run, wrong from the second one on."""
    made = compiled("hey_jarvis", True, "host", tmp_path)
    name = made.schedule.name
    index = max(i for i, step in enumerate(made.schedule.steps) if step.op == "slice")

    def break_it(tree):
        head, step, rest = tree.files[f"{name}.c"].partition(f"{name}_step_{index + 1:02}_slice")
        broken = rest.replace("/* start */ 60", "/* start */ 0", 1)
        assert broken != rest
        return type(tree)({**tree.files, f"{name}.c": head + step + broken})

    stream = Samples({made.graph.inputs[0].name: frames(1, 5)})
    verdict = verify(made, stream, reference_name="tflite_micro", change=break_it)
    assert not verdict.passed
    found = verdict.first_divergence
    assert found.difference.sample == 1 and found.source and index - 3 <= found.step <= index
