"""Real models come out of the passes in the shape that the kernels want, with the outputs that onnxruntime gave."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from barecast import frontends, passes, reference
from barecast.graph import DType, Graph
from barecast.options import Options

SHARED = Path(__file__).resolve().parents[2].parent / "shared"

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the folder with the models is not here")

SHAPES = {
    "kws": {"conv2d": 5, "dwconv2d": 4, "reduce": 1, "reshape": 1, "dense": 1, "softmax": 1},
    "ad": {"dense": 10},
    "ic": {"conv2d": 9, "binary": 3, "reduce": 1, "reshape": 1, "dense": 1, "softmax": 1},
    "vww": {"conv2d": 14, "dwconv2d": 13, "reduce": 1, "reshape": 1, "dense": 1, "softmax": 1},
    "mobilenetv2": {"transpose": 1, "conv2d": 35, "dwconv2d": 17, "binary": 10, "reduce": 1, "reshape": 1, "dense": 1},
}


def passed(name: str, **options: str) -> Graph:
    path = SHARED / "models" / f"{name}.onnx"
    if not path.exists():
        pytest.skip(f"{path.name} is not here")
    return passes.run(frontends.read(path), Options(**options))


@pytest.mark.parametrize("kind", ["float", "int8"])
@pytest.mark.parametrize("model", SHAPES)
def test_nothing_is_left_but_what_has_a_kernel(model: str, kind: str):
    graph = passed(f"{model}_{kind}")
    found = Counter(node.op for node in graph.nodes)
    border = {"quantize": 1, "dequantize": 1} if (model, kind) == ("mobilenetv2", "int8") else {}
    assert found == {**SHAPES[model], **border}
    if kind == "int8":
        floats = [n.op for n in graph.nodes if graph.type(n.outputs[0]).dtype is DType.F32]
        assert floats == (["dequantize"] if border else [])


def test_a_channels_last_border_needs_no_transpose():
    graph = passed("mobilenetv2_int8", io_layout="channels-last")
    assert graph.type(graph.inputs[0].tensor).shape == (1, 224, 224, 3)
    assert "transpose" not in {node.op for node in graph.nodes}


@pytest.mark.parametrize("kind", ["float", "int8"])
@pytest.mark.parametrize("model", ["kws", "ad", "ic", "vww"])
def test_outputs_are_those_of_onnxruntime(model: str, kind: str):
    graph = passed(f"{model}_{kind}")
    inputs, expected = (
        np.load(SHARED / "inputs" / f"{model}_{kind}.onnx.{part}.npz") for part in ("inputs", "expected")
    )
    for sample in range(3):
        found = reference.run(graph, {name: inputs[name][sample] for name in inputs.files})
        for name, array in found.items():
            wanted = expected[name][sample].astype(np.float64)
            tolerance = 1 if kind == "int8" else 1e-5 * max(1.0, float(np.abs(wanted).max()))
            np.testing.assert_allclose(array.astype(np.float64), wanted, rtol=0, atol=tolerance)
