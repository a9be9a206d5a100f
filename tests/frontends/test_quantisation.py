"""QuantizeLinear and DequantizeLinear: values against onnxruntime, and where scale and zero point end up."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from barecast.graph import DType, Quant

from tests.frontends.build import FLOAT, INT8, UINT8, agrees, expected_by_onnx, model, node, noise, ops_of, read

SCALE = float(np.float32(0.05))


def _zero(dtype, value=3):
    return np.array(value, dtype)


@pytest.mark.parametrize("opset", [11, 13, 19, 21])
@pytest.mark.parametrize(("dtype", "elem"), [(np.int8, INT8), (np.uint8, UINT8)])
def test_quantise_and_dequantise_per_tensor(dtype, elem, opset, tmp_path):
    proto = model(
        node("QuantizeLinear", "x s z", "q"),
        node("DequantizeLinear", "q s z"),
        inputs={"x": (3, 40)},
        outputs={"y": FLOAT, "q": elem},
        constants={"s": np.float32(0.05), "z": _zero(dtype)},
        opset=opset,
    )
    graph = agrees(proto, tmp_path)
    assert ops_of(graph) == ["quantize", "dequantize"]
    assert graph.type(graph.outputs[1].tensor).quant == Quant((SCALE,), (3,))


def test_the_newest_opset(tmp_path):
    proto = model(
        node("QuantizeLinear", "x s z", "q"),
        node("DequantizeLinear", "q s z"),
        inputs={"x": (3, 40)},
        constants={"s": np.float32(0.05), "z": _zero(np.int8)},
        opset=onnx.defs.onnx_opset_version(),
    )
    agrees(proto, tmp_path, oracle=expected_by_onnx)


def test_without_a_zero_point_it_is_uint8_and_0(tmp_path):
    proto = model(
        node("QuantizeLinear", "x s", "q"),
        node("DequantizeLinear", "q s"),
        outputs={"y": FLOAT, "q": UINT8},
        constants={"s": np.float32(0.05)},
    )
    graph = agrees(proto, tmp_path)
    made = graph.type(graph.outputs[1].tensor)
    assert (made.dtype, made.quant) == (DType.U8, Quant((SCALE,), (0,)))


def test_output_dtype(tmp_path):
    proto = model(
        node("QuantizeLinear", "x s", "q", output_dtype=INT8),
        node("DequantizeLinear", "q s"),
        outputs={"y": FLOAT, "q": INT8},
        constants={"s": np.float32(0.05)},
        opset=21,
    )
    agrees(proto, tmp_path)


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("symmetric", [True, False])
def test_per_channel(axis, symmetric, tmp_path):
    shape = (3, 4, 5)
    count = shape[axis]
    zeros = np.zeros(count, np.int8) if symmetric else np.arange(count).astype(np.int8) - 2
    proto = model(
        node("QuantizeLinear", "x s z", "q", axis=axis),
        node("DequantizeLinear", "q s z", axis=axis),
        inputs={"x": shape},
        outputs={"y": FLOAT, "q": INT8},
        constants={"s": (np.arange(count) + 1).astype(np.float32) / 64, "z": zeros},
    )
    graph = agrees(proto, tmp_path)
    assert graph.type(graph.outputs[1].tensor).quant.axis == axis % 3


def test_a_list_of_one_scale_is_per_tensor(tmp_path):
    proto = model(
        node("QuantizeLinear", "x s z", "q", axis=0),
        node("DequantizeLinear", "q s z", axis=0),
        inputs={"x": (1, 5)},
        constants={"s": np.array([0.05], np.float32), "z": np.array([1], np.int8)},
    )
    graph = agrees(proto, tmp_path)
    assert graph.type(graph.nodes[0].outputs[0]).quant == Quant((SCALE,), (1,))


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32])
def test_a_constant_stays_dequantised_by_a_node(dtype, tmp_path):
    values = (noise(4) * 20 + (100 if dtype == np.uint8 else 0)).astype(dtype)
    constants = {"q": values, "s": np.float32(0.05)} | ({} if dtype == np.int32 else {"z": _zero(dtype)})
    proto = model(
        node("DequantizeLinear", "q s" if dtype == np.int32 else "q s z", "c"), node("Add", "x c"), constants=constants
    )
    graph = agrees(proto, tmp_path)
    assert ops_of(graph) == ["dequantize", "binary"]
    assert graph.tensors[graph.nodes[0].inputs[0]].data.dtype == dtype


def test_a_quantised_constant_is_computed_here(tmp_path):
    proto = model(
        node("QuantizeLinear", "c s z", "q", axis=0),
        node("DequantizeLinear", "q s z", "d", axis=0),
        node("Mul", "x d"),
        constants={"c": noise(4), "s": [0.1, 0.2, 0.3, 0.4], "z": np.zeros(4, np.int8)},
    )
    assert ops_of(agrees(proto, tmp_path)) == ["dequantize", "binary"]


@pytest.mark.parametrize(("elem", "dtype"), [(INT8, np.int8), (UINT8, np.uint8)])
def test_a_plain_input_takes_the_quantisation_of_its_reader(elem, dtype, tmp_path):
    proto = model(
        node("Transpose", "x", "t", perm=[0, 3, 1, 2]),
        node("MaxPool", "t", "p", kernel_shape=[2, 2]),
        node("DequantizeLinear", "p s z"),
        inputs={"x": (elem, (1, 4, 4, 2))},
        constants={"s": np.float32(0.05), "z": _zero(dtype)},
    )
    graph = agrees(proto, tmp_path)
    # all that moved the integers on the way has it too
    quants = {graph.type(name).quant for n in graph.nodes if n.op != "dequantize" for name in (*n.inputs, *n.outputs)}
    assert quants == {Quant((SCALE,), (3,))}
    assert graph.type(graph.inputs[0].tensor).quant == Quant((SCALE,), (3,))


def test_two_readers_that_disagree(tmp_path):
    proto = model(
        node("DequantizeLinear", "x s z", "a"),
        node("DequantizeLinear", "x t z", "b"),
        node("Add", "a b"),
        inputs={"x": (INT8, (1, 4))},
        constants={"s": np.float32(0.05), "t": np.float32(0.5), "z": _zero(np.int8)},
    )
    graph = agrees(proto, tmp_path)
    assert ops_of(graph) == ["dequantize", "reshape", "dequantize", "binary"]


def test_dequantised_with_another_scale_than_quantised(tmp_path):
    proto = model(
        node("QuantizeLinear", "x s z", "q"),
        node("DequantizeLinear", "q t z"),
        constants={"s": np.float32(0.05), "t": np.float32(0.5), "z": _zero(np.int8)},
    )
    assert ops_of(agrees(proto, tmp_path)) == ["quantize", "reshape", "dequantize"]


def test_one_weight_with_two_scales(tmp_path):
    proto = model(
        node("DequantizeLinear", "q s", "a"),
        node("DequantizeLinear", "q t", "b"),
        node("Add", "a b", "c"),
        node("Add", "x c"),
        constants={"q": np.array([1, 2, 3, 4], np.uint8), "s": np.float32(0.05), "t": np.float32(0.5)},
    )
    assert "reshape" not in ops_of(agrees(proto, tmp_path))


def test_integers_joined_as_they_are(tmp_path):
    proto = model(
        node("QuantizeLinear", "x s z", "a"),
        node("QuantizeLinear", "x t z", "b"),
        node("Concat", "a b c w", "q", axis=1),
        node("DequantizeLinear", "q s z"),
        inputs={"x": (1, 4), "w": (INT8, (1, 4))},
        outputs={"y": FLOAT, "q": INT8},
        constants={
            "s": np.float32(0.05),
            "t": np.float32(0.5),
            "z": _zero(np.int8),
            "c": np.array([[1, 2, 3, 4]], np.int8),
        },
    )
    graph = agrees(proto, tmp_path)
    (concat,) = (n for n in graph.nodes if n.op == "concat")
    assert {graph.type(n).quant for n in (*concat.inputs, *concat.outputs)} == {Quant((SCALE,), (3,))}


def test_per_channel_integers_move_with_their_axis(tmp_path):
    constants = {"s": [0.1, 0.2, 0.3], "z": np.array([1, 2, 3], np.int8), "shape": np.array([4, 3], np.int64)}
    proto = model(
        node("QuantizeLinear", "x s z", "q", axis=0),
        node("Transpose", "q", "t", perm=[1, 0]),
        node("DequantizeLinear", "t s z", axis=1),
        node("Reshape", "q shape", "r"),
        inputs={"x": (3, 4)},
        outputs={"y": FLOAT, "r": INT8},
        constants=constants,
    )
    graph = agrees(proto, tmp_path)
    (transpose,) = (n for n in graph.nodes if n.op == "transpose")
    assert graph.type(transpose.outputs[0]).quant.axis == 1
    assert graph.type(graph.outputs[1].tensor).quant is None


def test_padding_of_quantised_integers(tmp_path):
    proto = model(
        node("QuantizeLinear", "x s z", "q"),
        node("Pad", "q p v", "w"),
        node("DequantizeLinear", "w s z"),
        inputs={"x": (2, 3)},
        constants={"s": np.float32(0.05), "z": _zero(np.int8), "p": np.array([1, 0, 0, 2], np.int64), "v": np.int8(-5)},
    )
    agrees(proto, tmp_path)


def test_a_quantised_convolution(tmp_path):
    proto = model(
        node("QuantizeLinear", "x s z", "xq"),
        node("DequantizeLinear", "xq s z", "xd"),
        node("DequantizeLinear", "w ws wz", "wd", axis=0),
        node("DequantizeLinear", "b bs", "bd", axis=0),
        node("Conv", "xd wd bd", "c", pads=[1, 1, 1, 1]),
        node("Relu", "c", "r"),
        node("QuantizeLinear", "r s z"),
        inputs={"x": (1, 2, 5, 5)},
        outputs={"y": INT8},
        constants={
            "s": np.float32(0.05),
            "z": _zero(np.int8),
            "w": (noise(3, 2, 3, 3) * 40).astype(np.int8),
            "ws": [0.01, 0.02, 0.03],
            "wz": np.zeros(3, np.int8),
            "b": (noise(3) * 1000).astype(np.int32),
            "bs": [0.0005, 0.001, 0.0015],
        },
    )
    graph = read(proto, tmp_path)
    assert [op for op in ops_of(graph) if op != "transpose"] == [
        *("quantize", "dequantize", "dequantize", "dequantize", "conv2d", "unary", "quantize")
    ]
    agrees(proto, tmp_path)


def test_parameters_stored_as_integers_are_constants_all_the_same(tmp_path):
    """A quantiser turns the parameters of a BatchNormalization, and a Pad's filling, into dequantised integers."""
    proto = model(
        node("DequantizeLinear", "g gs", "gd"),
        node("DequantizeLinear", "b bs", "bd"),
        node("DequantizeLinear", "v vs", "vd"),
        node("BatchNormalization", "x gd bd mean var", "n"),
        node("Pad", "n pads vd"),
        inputs={"x": (1, 3, 4, 4)},
        constants={
            "g": np.array([100, -20, 7], np.int8),
            "gs": np.float32(0.011),
            "b": np.array([1000, -2000, 3], np.int32),
            "bs": np.float32(0.0007),
            "v": np.array(30, np.int8),
            "vs": np.float32(0.05),
            "mean": noise(3),
            "var": np.float32([1.0, 2.0, 0.5]),
            "pads": np.array([0, 0, 1, 1, 0, 0, 1, 1]),
        },
    )
    agrees(proto, tmp_path)
