"""ReduceMean and Softmax, held against onnxruntime."""

from __future__ import annotations

import numpy as np
import pytest

from tests.frontends.build import agrees, model, node, ops_of

SHAPE = (2, 3, 4, 5)


@pytest.mark.parametrize("keepdims", [0, 1])
@pytest.mark.parametrize("axes", [[2, 3], [-1, -2], [1], [0], [0, 1, 2, 3], [3], [1, 3], [0, 2], None], ids=str)
@pytest.mark.parametrize("opset", [11, 13, 18])
def test_reduce_mean(axes, keepdims, opset, tmp_path):
    attributes, constants, inputs = {"keepdims": keepdims}, {}, "x"
    if axes is not None and opset < 18:
        attributes["axes"] = axes
    elif axes is not None:
        constants, inputs = {"axes": np.array(axes, np.int64)}, "x axes"
    proto = model(node("ReduceMean", inputs, **attributes), inputs={"x": SHAPE}, constants=constants, opset=opset)
    graph = agrees(proto, tmp_path)
    if axes not in ([1, 3], [0, 2]):
        assert ops_of(graph) == ["reduce"]


def test_reduce_mean_over_nothing(tmp_path):
    constants = {"axes": np.zeros(0, np.int64)}
    reduce = node("ReduceMean", "x axes", "z", noop_with_empty_axes=1)
    graph = agrees(model(reduce, node("Relu", "z"), constants=constants, opset=18), tmp_path)
    assert ops_of(graph) == ["unary"]


@pytest.mark.parametrize("axis", [None, 0, 1, 2, 3, -1, -2])
@pytest.mark.parametrize("opset", [11, 13])
@pytest.mark.parametrize("shape", [SHAPE, (2, 1, 4, 1)])
def test_softmax(axis, opset, shape, tmp_path):
    attributes = {} if axis is None else {"axis": axis}
    agrees(model(node("Softmax", "x", **attributes), inputs={"x": shape}, opset=opset), tmp_path)
