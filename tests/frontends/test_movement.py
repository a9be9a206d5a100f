"""Operators that move elements, held against onnxruntime."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from tests.frontends.build import FLOAT, INT8, UINT8, agrees, expected_by_onnx, model, node, noise, ops_of, read

I64 = np.int64


@pytest.mark.parametrize("elem", [FLOAT, INT8, UINT8])
@pytest.mark.parametrize("perm", [None, [0, 2, 3, 1], [3, 0, 1, 2], [0, 1, 2, 3]], ids=str)
def test_transpose(perm, elem, tmp_path):
    attributes = {} if perm is None else {"perm": perm}
    proto = model(
        node("Transpose", "x", "z", **attributes),
        node("Identity", "z"),
        inputs={"x": (elem, (2, 3, 4, 5))},
        outputs={"y": elem},
    )
    agrees(proto, tmp_path)


@pytest.mark.parametrize("shape", [[6, 20], [0, -1], [-1], [2, 0, 20], [0, 0, 0, 0], [2, 3, 2, 2, 5]], ids=str)
def test_reshape(shape, tmp_path):
    proto = model(node("Reshape", "x s"), inputs={"x": (2, 3, 4, 5)}, constants={"s": np.array(shape, I64)})
    agrees(proto, tmp_path)


def test_reshape_with_allowzero(tmp_path):
    proto = model(node("Reshape", "x s", allowzero=1), inputs={"x": (2, 3)}, constants={"s": np.array([3, 2], I64)})
    agrees(proto, tmp_path)


@pytest.mark.parametrize("axis", [None, 0, 1, 3, 4, -1])
def test_flatten(axis, tmp_path):
    attributes = {} if axis is None else {"axis": axis}
    agrees(model(node("Flatten", "x", **attributes), inputs={"x": (2, 3, 4, 5)}), tmp_path)


@pytest.mark.parametrize("opset", [11, 13])
@pytest.mark.parametrize("axes", [None, [0], [-1, 2], [2]], ids=str)
def test_squeeze(axes, opset, tmp_path):
    as_input = axes is not None and opset >= 13
    proto = model(
        node("Squeeze", "x a" if as_input else "x", **({"axes": axes} if axes and not as_input else {})),
        inputs={"x": (1, 3, 1, 5, 1)},
        constants={"a": np.array(axes, I64)} if as_input else {},
        opset=opset,
    )
    agrees(proto, tmp_path)


@pytest.mark.parametrize("opset", [11, 13])
@pytest.mark.parametrize("axes", [[0], [1, 3], [-1], [3, 0]], ids=str)
def test_unsqueeze(axes, opset, tmp_path):
    proto = model(
        node("Unsqueeze", "x a") if opset >= 13 else node("Unsqueeze", "x", axes=axes),
        inputs={"x": (3, 5)},
        constants={"a": np.array(axes, I64)} if opset >= 13 else {},
        opset=opset,
    )
    agrees(proto, tmp_path)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_concat(axis, tmp_path):
    proto = model(
        node("Concat", "x c z", axis=axis), inputs={"x": (2, 3), "z": (2, 3)}, constants={"c": noise(2, 3, seed=5)}
    )
    agrees(proto, tmp_path)


def test_concat_of_one(tmp_path):
    agrees(model(node("Concat", "x", "z", axis=0), node("Relu", "z")), tmp_path)


@pytest.mark.parametrize("opset", [11, 13, 18])
@pytest.mark.parametrize("value", [None, 1.5, -np.inf])
def test_pad(opset, value, tmp_path):
    constants = {"p": np.array([0, 0, 1, 2, 0, 1, 0, 3], I64)}
    if value is not None:
        constants["v"] = np.float32(value)
    proto = model(
        node("Pad", "x p" if value is None else "x p v"), inputs={"x": (1, 2, 3, 4)}, constants=constants, opset=opset
    )
    agrees(proto, tmp_path)


def test_pad_with_axes(tmp_path):
    proto = model(
        node("Pad", "x p - a"),
        inputs={"x": (1, 2, 3, 4)},
        constants={"p": np.array([1, 2, 3, 4], I64), "a": np.array([-1, 1], I64)},
        opset=18,
    )
    agrees(proto, tmp_path)


def test_pad_with_one_axis_as_a_scalar(tmp_path):
    proto = model(node("Pad", "x p - a"), constants={"p": np.array([1, 2], I64), "a": np.array(1, I64)}, opset=18)
    # onnxruntime and ONNX want a list
    assert read(proto, tmp_path).nodes[0].attrs.before == (0, 1)


@pytest.mark.parametrize("elem", [INT8, UINT8])
def test_pad_of_integers_takes_the_fill_as_an_integer(elem, tmp_path):
    dtype = np.int8 if elem == INT8 else np.uint8
    proto = model(
        node("Pad", "x p v"),
        inputs={"x": (elem, (2, 3))},
        outputs={"y": elem},
        constants={"p": np.array([1, 0, 0, 1], I64), "v": dtype(7)},
    )
    agrees(proto, tmp_path)


@pytest.mark.parametrize("opset", [11, 12])
def test_dropout(opset, tmp_path):
    proto = model(node("Dropout", "x", "z"), node("Relu", "z"), opset=opset)
    assert ops_of(agrees(proto, tmp_path)) == ["unary"]


def test_identity_and_a_cast_that_is_none(tmp_path):
    graph = agrees(model(node("Identity", "x", "a"), node("Cast", "a", "b", to=FLOAT), node("Relu", "b")), tmp_path)
    assert ops_of(graph) == ["unary"]


def test_an_input_handed_through_and_a_result_under_two_names(tmp_path):
    proto = model(
        node("Identity", "x", "y"),
        node("Relu", "x", "r"),
        node("Identity", "r", "s"),
        outputs={"y": FLOAT, "r": FLOAT, "s": FLOAT},
    )
    graph = agrees(proto, tmp_path)
    tensors = [port.tensor for port in (*graph.inputs, *graph.outputs)]
    assert len(set(tensors)) == 4


def test_the_newest_opset(tmp_path):
    proto = model(
        node("Transpose", "x", "t", perm=[1, 0]),
        node("Relu", "t", "r"),
        node("Reshape", "r s"),
        inputs={"x": (2, 3)},
        constants={"s": np.array([-1], I64)},
        opset=onnx.defs.onnx_opset_version(),
    )
    agrees(proto, tmp_path, oracle=expected_by_onnx)
