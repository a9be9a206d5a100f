"""Float biases of quantised layers: rounded for the oracle exactly where integers round them."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from barecast import pipeline, reference, targets
from barecast.samples import random_samples, stack
from barecast.verification.oracles import biases, ort
from onnx import TensorProto, helper, numpy_helper

X_SCALE, Y_SCALE = np.float32(0.021), np.float32(0.035)


def convolution(after: str | None = "Relu", quantised_weights: bool = False) -> onnx.ModelProto:
    """DequantizeLinear, Conv with a float bias, maybe another operator, QuantizeLinear."""
    rng = np.random.default_rng(4)
    weights = rng.normal(0, 0.5, (6, 3, 3, 3)).astype(np.float32)
    scales = np.abs(weights).max((1, 2, 3)) / 127
    integers = np.rint(weights / scales[:, None, None, None]).astype(np.int8)
    constants = {"xs": X_SCALE, "ys": Y_SCALE, "z": np.int8(3), "ws": scales, "wz": np.zeros(6, np.int8)}
    constants |= {"b": rng.normal(0, 0.3, 6).astype(np.float32), "w": weights if quantised_weights else integers}
    nodes = [
        helper.make_node("DequantizeLinear", ["x", "xs", "z"], ["xd"]),
        helper.make_node("DequantizeLinear", ["wq" if quantised_weights else "w", "ws", "wz"], ["wd"], axis=0),
        helper.make_node("Conv", ["xd", "wd", "b"], ["c"]),
        helper.make_node(after or "Identity", ["c"], ["r"]),
        helper.make_node("QuantizeLinear", ["r", "ys", "z"], ["y"]),
    ]
    if quantised_weights:
        nodes.insert(0, helper.make_node("QuantizeLinear", ["w", "ws", "wz"], ["wq"], axis=0))
    graph = helper.make_graph(
        nodes,
        "float bias",
        [helper.make_tensor_value_info("x", TensorProto.INT8, [1, 3, 40, 40])],
        [helper.make_tensor_value_info("y", TensorProto.INT8, [1, 6, 38, 38])],
        [numpy_helper.from_array(np.asarray(a), n) for n, a in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


@pytest.mark.parametrize("quantised_weights", [False, True])
def test_the_bias_is_a_multiple_of_both_scales(quantised_weights):
    model = convolution(quantised_weights=quantised_weights)
    changed = biases.rounded(model)
    held = {c.name: numpy_helper.to_array(c) for c in changed.graph.initializer}
    (conv,) = (n for n in changed.graph.node if n.op_type == "Conv")
    steps = held[conv.input[2]] / (np.float64(X_SCALE) * held["ws"])
    assert np.abs(steps - np.rint(steps)).max() < 1e-3
    assert 0 < np.abs(held[conv.input[2]] - held["b"]).max() <= X_SCALE * held["ws"].max() / 2 * 1.001
    assert onnx.checker.check_model(changed, full_check=True) is None


def test_integers_agree_with_the_oracle(tmp_path):
    path = tmp_path / "model.onnx"
    onnx.save(convolution(), path)
    graph = pipeline.compile_model(path, targets.load("host")).graph
    assert [n.op for n in graph.nodes if n.op not in ("transpose", "reshape")] == ["conv2d"]
    inputs = random_samples(graph, 4)
    ours = stack([reference.run(graph, inputs.one(i)) for i in range(inputs.count)])["y"]
    assert np.count_nonzero(ours != ort.run(path, inputs, ["y"])["y"]) <= 2


@pytest.mark.parametrize("after", ["Sigmoid", "Softmax"])
def test_a_layer_that_stays_in_floats_keeps_its_bias(after):
    assert biases.rounded(convolution(after)) is None
