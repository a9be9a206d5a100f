"""Exact halves of an average go where onnxruntime's float sum tips them, for each order in which it sums."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from barecast import pipeline, reference, targets
from barecast.samples import random_samples, stack
from barecast.verification.oracles import ort
from onnx import TensorProto, helper

POOLS = {
    "global": ("GlobalAveragePool", 17, {}),
    "whole input": ("AveragePool", 17, {"kernel_shape": [4, 6]}),
    "whole input, stepped": ("AveragePool", 17, {"kernel_shape": [4, 6], "strides": [4, 6]}),
    "whole input, opset 22": ("AveragePool", 22, {"kernel_shape": [4, 6]}),
    "windows": ("AveragePool", 17, {"kernel_shape": [2, 2], "strides": [2, 2]}),
    "windows, opset 22": ("AveragePool", 22, {"kernel_shape": [2, 2], "strides": [2, 2]}),
    "wide steps": ("AveragePool", 17, {"kernel_shape": [2, 4], "strides": [2, 3]}),
    "padded": ("AveragePool", 17, {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}),
}


@pytest.mark.parametrize("dtype", [np.int8, np.uint8])
@pytest.mark.parametrize("pool", POOLS)
def test_halves_are_onnxruntimes(tmp_path, pool, dtype):
    kind, opset, attributes = POOLS[pool]
    elem = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    scale = helper.make_tensor("s", TensorProto.FLOAT, [], [0.1270691454410553])
    zero = helper.make_tensor("z", elem, [], [np.iinfo(dtype).min])
    nodes = [
        helper.make_node("DequantizeLinear", ["x", "s", "z"], ["d"]),
        helper.make_node(kind, ["d"], ["m"], **attributes),
        helper.make_node("QuantizeLinear", ["m", "s", "z"], ["y"]),
    ]
    x = helper.make_tensor_value_info("x", elem, [1, 512, 4, 6])
    y = helper.make_tensor_value_info("y", elem, None)
    path = tmp_path / "mean.onnx"
    graph = helper.make_graph(nodes, "mean", [x], [y], [scale, zero])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)]), path)
    model = pipeline.compile_model(path, targets.load("host"))
    inputs = random_samples(model.graph, 1)
    ours = stack([reference.run(model.graph, inputs.one(0))])["y"]
    assert np.array_equal(ours, ort.run(path, inputs, ["y"])["y"])
    assert np.array_equal(pipeline.run(model, inputs.arrays)["y"], ours)
    assert halves(inputs.arrays["x"][0, 0], attributes) > 10


def halves(image: np.ndarray, attributes: dict) -> int:
    """How many windows of [C, H, W] have an average half way between two integers."""
    (k_h, k_w), (s_h, s_w) = (attributes.get(n, d) for n, d in (("kernel_shape", image.shape[1:]), ("strides", (1, 1))))
    windows = np.lib.stride_tricks.sliding_window_view(image.astype(np.int64), (k_h, k_w), axis=(1, 2))
    sums, count = windows[:, ::s_h, ::s_w].sum((-1, -2)), k_h * k_w
    if "pads" in attributes:  # a corner has four of the nine
        sums, count = image[:, :2, :2].astype(np.int64).sum((1, 2)), 4
    return int(np.count_nonzero(2 * sums % (2 * count) == count))
