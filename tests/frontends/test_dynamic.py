"""Dynamic quantisation: scales and zero points of run time, held against onnxruntime."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from barecast import reference
from onnxruntime.quantization import quantize_dynamic

from tests.frontends.build import FLOAT, INT8, UINT8, agrees, expected, model, node, noise, read, save

INT32 = 6


@pytest.mark.parametrize("shape", [(3, 5), (7,), (1, 2, 3, 4)])
def test_dynamic_quantize_linear(shape, tmp_path):
    proto = model(
        node("DynamicQuantizeLinear", "x", "y s z"), inputs={"x": shape}, outputs={"y": UINT8, "s": FLOAT, "z": UINT8}
    )
    agrees(proto, tmp_path)
    graph = read(proto, tmp_path)
    whole = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    for x in (noise(*shape) + 5, noise(*shape) - 5, noise(*shape) * 0, whole - 2, -whole, noise(*shape) * 1e-30):
        have, want = reference.run(graph, {"x": x}), expected(proto, {"x": x})
        for name, array in want.items():
            np.testing.assert_array_equal(have[name], array, err_msg=name)


@pytest.mark.parametrize("shapes", [((3, 5), (5, 4)), ((5,), (5, 4)), ((2, 3, 5), (5,)), ((2, 3, 5), (2, 5, 4))], ids=str)
@pytest.mark.parametrize("kinds", [(UINT8, UINT8), (INT8, INT8), (UINT8, INT8)], ids=str)
@pytest.mark.parametrize("zeros", ["", "za", "za zb", "- zb"])
def test_matmul_integer(shapes, kinds, zeros, tmp_path):
    types = [np.uint8 if kind == UINT8 else np.int8 for kind in kinds]
    constants = {"za": np.array(7, types[0]), "zb": np.array(3, types[1])}
    proto = model(
        node("MatMulInteger", f"a b {zeros}"), inputs={"a": (kinds[0], shapes[0]), "b": (kinds[1], shapes[1])},
        outputs={"y": INT32}, constants={name: constants[name] for name in zeros.split() if name != "-"},
    )  # fmt: skip
    agrees(proto, tmp_path)


def dynamic_layer(depth: int, width: int, signed: bool):
    """A dense layer as onnxruntime's quantize_dynamic writes it, with a weight zero point for each column."""
    kind = np.int8 if signed else np.uint8
    random = np.random.default_rng(4)
    weights = random.integers(np.iinfo(kind).min, np.iinfo(kind).max + 1, (depth, width)).astype(kind)
    constants = {
        "w": weights, "sw": np.linspace(0.01, 0.02, width).astype(np.float32), "c": noise(width),
        "zw": random.integers(0, 9, width).astype(kind),
    }  # fmt: skip
    return model(
        node("DynamicQuantizeLinear", "x", "q s z"), node("MatMulInteger", "q w z zw", "sums"),
        node("Cast", "sums", "real", to=FLOAT), node("Mul", "s sw", "scale"), node("Mul", "real scale", "product"),
        node("Add", "product c", "y"), inputs={"x": (3, depth)}, constants=constants,
    )  # fmt: skip


@pytest.mark.parametrize("signed", [False, True])
def test_dynamic_layer(signed, tmp_path):
    """Deep enough for sums that float32 does not hold."""
    agrees(dynamic_layer(700, 6, signed), tmp_path, tolerance=1e-6)


@pytest.mark.parametrize(("shape", "kernel"), [((1, 3, 6, 5), (4, 3, 3, 3)), ((2, 4, 9), (6, 2, 3))], ids=str)
@pytest.mark.parametrize("zeros", ["", "zx", "zx zw"])
@pytest.mark.parametrize("signed", [False, True])
def test_conv_integer(shape, kernel, zeros, signed, tmp_path):
    """Padding is the input's zero point, which a run may find."""
    kind = np.int8 if signed else np.uint8
    weights = np.random.default_rng(5).integers(0, 100, kernel).astype(kind)
    constants = {"w": weights, **({"zw": np.array(7, kind)} if "zw" in zeros else {})}
    inputs = {"x": (UINT8, shape), **({"zx": (UINT8, (1,))} if "zx" in zeros else {})}
    axes = len(shape) - 2
    one = node("ConvInteger", f"x w {zeros}", pads=[1] * 2 * axes, strides=[2] * axes, group=shape[1] // kernel[1])
    agrees(model(one, inputs=inputs, outputs={"y": INT32}, constants=constants), tmp_path)


def test_as_quantize_dynamic_writes_it(tmp_path):
    """A convolution and a dense layer: the scales of run time, and with them all results, are onnxruntime's."""
    constants = {"w": noise(6, 3, 3, 3), "b": noise(6), "v": noise(96, 5)}
    float_model = model(
        node("Conv", "x w b", "c", pads=[1, 1, 1, 1], strides=[2, 2]), node("Relu", "c", "r"),
        node("Flatten", "r", "f"), node("MatMul", "f v", "y"), inputs={"x": (1, 3, 8, 8)}, constants=constants,
    )  # fmt: skip
    quantize_dynamic(save(float_model, tmp_path), tmp_path / "q.onnx")
    quantised = onnx.load(tmp_path / "q.onnx")
    assert {"DynamicQuantizeLinear", "ConvInteger", "MatMulInteger"} <= {one.op_type for one in quantised.graph.node}
    agrees(quantised, tmp_path, tolerance=1e-6)
