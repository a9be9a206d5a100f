"""Reductions, ArgMax and Softmax, held against onnxruntime."""

from __future__ import annotations

import numpy as np
import pytest
from barecast import reference
from barecast.graph import DType

from tests.frontends.build import FLOAT, INT8, INT64, UINT8, agrees, expected, model, node, ops_of

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


@pytest.mark.parametrize("op", ["ArgMax", "ArgMin"])
@pytest.mark.parametrize("given", [{}, {"axis": -1}, {"axis": 1, "keepdims": 0}, {"axis": -2, "select_last_index": 1}])
@pytest.mark.parametrize("elem", [FLOAT, INT8, UINT8])
def test_places_of_extremes(op, given, elem, tmp_path):
    """Among few numbers, so that many are equal; the int64 is an int32."""
    proto = model(node(op, "x", **given), inputs={"x": (elem, (3, 40, 4))}, outputs={"y": INT64}, opset=13)
    graph = agrees(proto, tmp_path)
    assert graph.type(graph.outputs[0].tensor).dtype is DType.S32
    x = np.random.default_rng(1).integers(0, 4, (3, 40, 4)).astype(graph.type(graph.inputs[0].tensor).dtype.numpy)
    np.testing.assert_array_equal(reference.run(graph, {"x": x})["y"], expected(proto, {"x": x})["y"])


@pytest.mark.parametrize("quantised", [False, True])
def test_places_are_moved_and_cast(quantised, tmp_path):
    before = [node("DequantizeLinear", "x s", "d")] if quantised else [node("Relu", "x", "d")]
    proto = model(
        *before, node("ArgMax", "d", "a", axis=1), node("Transpose", "a", "t", perm=[2, 1, 0]),
        node("Squeeze", "t one", "y"), node("Cast", "y", "z", to=FLOAT), node("Slice", "y one two", "w"),
        inputs={"x": (INT8 if quantised else FLOAT, (3, 5, 4))}, outputs={"y": INT64, "z": FLOAT, "w": INT64},
        constants={"one": np.array([1]), "two": np.array([3]), "s": np.float32(0.25)}, opset=13,
    )  # fmt: skip
    agrees(proto, tmp_path)
