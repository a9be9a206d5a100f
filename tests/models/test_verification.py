"""verify: it passes what is right, fails what is broken, and names the step that is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from barecast import emit, pipeline, reference, targets
from barecast.emit import SourceTree
from barecast.errors import InternalError, UsageError
from barecast.options import Options
from barecast.pipeline import Compiled
from barecast.samples import random_samples
from barecast.verification import divergence, verify
from barecast.verification.oracles import ort
from onnx import TensorProto, helper, numpy_helper

DIGITS = Path(__file__).resolve().parents[2] / "models" / "digits"


def compiled(name: str, target: str = "host", options: Options = Options()) -> Compiled:
    return pipeline.compile_model(DIGITS / f"{name}.onnx", targets.load(target), options)


def flipping(step: int, byte: int):
    """A change of the sources: one bit of a step's first output is wrong."""

    def change(tree: SourceTree) -> SourceTree:
        manifest = emit.manifest(tree)
        name, port = manifest["steps"][step]["name"], manifest["steps"][step]["outputs"][0]
        source = f"{manifest['name']}.c"
        call = f"{name}(a);"
        assert tree.files[source].count(call) == 1
        broken = tree.files[source].replace(call, f"{call} a[{port['offset'] + byte}] ^= 0x40;")
        return tree.with_files({source: broken})

    return change


@pytest.mark.parametrize(("target", "step"), [("host", 2), ("host", 7), ("cortex-m4", 4)])
def test_the_first_wrong_step_is_named(target, step):
    model = compiled("digits_int8", target)
    inputs = random_samples(model.graph, 2)
    manifest = emit.manifest(model.tree)
    verdict = verify(model, inputs, change=flipping(step, 9), reference_name="barecast")
    assert not verdict.passed and verdict.own.mismatched > 0
    found = verdict.first_divergence
    assert (found.step, found.name) == (step, manifest["steps"][step]["name"])
    assert list(found.source) == manifest["steps"][step]["source"]
    shape = tuple(manifest["steps"][step]["outputs"][0]["shape"])
    assert found.difference.element == tuple(np.unravel_index(9, shape))
    assert abs(found.difference.got - found.difference.expected) == 0x40
    said = verdict.as_json()
    assert said["status"] == "fail" and said["first_divergence"]["step"] == step
    assert found.source[0] in found.sentence()


def test_float_steps_are_compared_too():
    model = compiled("digits_float")
    verdict = verify(model, random_samples(model.graph, 1), change=flipping(1, 7), reference_name="barecast")
    assert not verdict.passed
    assert (verdict.first_divergence.step, verdict.first_divergence.difference.element[-1]) == (1, 1)


def test_a_divergence_in_the_last_step_shows_in_the_outputs():
    model = compiled("digits_int8")
    last = len(model.schedule.steps) - 1
    verdict = verify(model, random_samples(model.graph, 1), change=flipping(last, 3))
    assert not verdict.passed and verdict.first_divergence.step == last
    assert verdict.first_divergence.difference.element == (0, 0)


def test_writing_beyond_the_arena_is_an_error():
    model = compiled("digits_int8")

    def change(tree: SourceTree) -> SourceTree:
        source = "digits_int8.c"
        call = f"{emit.manifest(tree)['steps'][0]['name']}(a);"
        size = emit.manifest(tree)["arena_bytes"]
        return tree.with_files({source: tree.files[source].replace(call, f"{call} a[{size} + 1] ^= 0x40;")})

    with pytest.raises(InternalError, match="arena"):
        verify(model, random_samples(model.graph, 1), change=change)


def test_unknown_reference():
    model = compiled("digits_int8")
    with pytest.raises(UsageError, match='reference "oracle of delphi" is not known'):
        verify(model, random_samples(model.graph, 1), reference_name="oracle of delphi")


def test_a_wrong_import_is_found_inside_of_the_model(monkeypatch):
    """The reference computes one operator wrongly (as a wrong import would): onnxruntime's inner tensors tell where."""
    model = compiled("digits_int8")
    inputs = random_samples(model.graph, 1)
    assert divergence.find_import(model, inputs, 0) is None
    truth = reference.trace(model.graph, inputs.one(0))
    step = 4
    wrong = model.schedule.steps[step].outputs[0]
    changed = {**truth, wrong: np.clip(truth[wrong].astype(np.int32) + 9, -128, 127).astype(np.int8)}
    monkeypatch.setattr(reference, "trace", lambda graph, arrays, states: changed)
    found = divergence.find_import(model, inputs, 0)
    assert found.step == step and found.source == model.schedule.steps[step].source


@pytest.mark.parametrize(
    "shape",
    [(1, 3, 6, 5), (1, 3, 3, 3), (1, 1, 6, 5), (1, 3, 1, 1), (1, 3, 7), (1, 1, 7)],
    ids=["oblong", "cube", "one channel", "one pixel", "sequence", "sequence of one channel"],
)
def test_channels_last_ports_are_verified_in_their_own_layout(tmp_path, shape):
    rng = np.random.default_rng(0)
    channels, rank = shape[1], len(shape) - 2
    weights = rng.normal(size=(channels, channels, *(3,) * rank)).astype(np.float32)
    weights = numpy_helper.from_array(weights, "w")
    node = helper.make_node("Conv", ["x", "w"], ["y"], name="conv", pads=[1] * 2 * rank)
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in "xy"]
    graph = helper.make_graph([node], "turned", ports[:1], ports[1:], [weights])
    path = tmp_path / "turned.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), path)
    model = pipeline.compile_model(path, targets.load("host"), Options(io_layout="channels-last"))
    for border in (*model.schedule.inputs, *model.schedule.outputs):
        assert border.type.shape == (shape[0], *shape[2:], shape[1])
    inputs = random_samples(model.graph, 2)
    verdict = verify(model, inputs)
    assert verdict.passed and verdict.reference == ort.NAME
    if channels == 1 or max(shape[2:]) == 1:
        return  # the same bytes in both layouts
    # and the test can fail: in the model's own layout the same numbers are something else
    direct = pipeline.compile_model(path, targets.load("host"))
    arrays = {"x": inputs.arrays["x"].reshape(2, *shape)}
    straight = np.moveaxis(pipeline.run(direct, arrays)["y"], 2, -1)
    assert not np.allclose(straight, pipeline.run(model, inputs.arrays)["y"])
