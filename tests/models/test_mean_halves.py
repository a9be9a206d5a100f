"""Exact halves of a mean go where onnxruntime's float sum tips them, for each order in which it sums."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from barecast import oracle, pipeline, reference, targets
from barecast.samples import random_samples, stack


POOLS = {
    "global": ("GlobalAveragePool", {}),
    "whole input": ("AveragePool", {"kernel_shape": [4, 6]}),
    "whole input, stepped": ("AveragePool", {"kernel_shape": [4, 6], "strides": [4, 6]}),
}


@pytest.mark.parametrize("dtype", [np.int8, np.uint8])
@pytest.mark.parametrize("pool", POOLS)
def test_halves_are_onnxruntimes(tmp_path, pool, dtype):
    kind, attributes = POOLS[pool]
    elem = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    scale = helper.make_tensor("s", TensorProto.FLOAT, [], [0.1270691454410553])
    zero = helper.make_tensor("z", elem, [], [np.iinfo(dtype).min])
    nodes = [
        helper.make_node("DequantizeLinear", ["x", "s", "z"], ["d"]),
        helper.make_node(kind, ["d"], ["m"], **attributes),
        helper.make_node("QuantizeLinear", ["m", "s", "z"], ["y"]),
    ]
    x = helper.make_tensor_value_info("x", elem, [1, 512, 4, 6])
    y = helper.make_tensor_value_info("y", elem, [1, 512, 1, 1])
    path = tmp_path / "mean.onnx"
    graph = helper.make_graph(nodes, "mean", [x], [y], [scale, zero])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), path)
    model = pipeline.compile_model(path, targets.load("host"))
    inputs = random_samples(model.graph, 1)
    sums = (inputs.arrays["x"].astype(int) - np.iinfo(dtype).min).sum((-1, -2))
    assert np.count_nonzero(sums % 24 == 12) > 10  # there are halves
    ours = stack([reference.run(model.graph, inputs.one(0))])["y"]
    assert np.array_equal(ours, oracle.run(path, inputs, ["y"])["y"])
    assert np.array_equal(pipeline.run(model, inputs.arrays)["y"], ours)
