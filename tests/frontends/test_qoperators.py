"""QOperator form, as onnxruntime's quantiser writes it, held against onnxruntime: bytes are equal."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from barecast import passes, reference
from barecast.errors import BarecastError
from barecast.options import Options
from onnx import TensorProto, helper, numpy_helper

from tests.frontends.build import expected, ops_of, read

ELEMENTS = {np.dtype(np.int8): TensorProto.INT8, np.dtype(np.uint8): TensorProto.UINT8}


class Model:
    """A model of one quantised operator, put together input by input."""

    def __init__(self, dtype: type, seed: int = 0):
        self.rng, self.dtype = np.random.default_rng(seed), np.dtype(dtype)
        self.inputs, self.constants, self.names, self.feeds = [], [], [], {}

    def hold(self, value) -> Model:
        self.names.append(f"c{len(self.constants)}")
        self.constants.append(numpy_helper.from_array(np.asarray(value), self.names[-1]))
        return self

    def quantisation(self, scale: float, zero: int) -> Model:
        return self.hold(np.float32(scale)).hold(self.dtype.type(zero))

    def input(self, *shape: int, scale: float = 0.02, zero: int = 3) -> Model:
        name, limits = f"x{len(self.inputs)}", np.iinfo(self.dtype)
        self.inputs.append(helper.make_tensor_value_info(name, ELEMENTS[self.dtype], shape))
        self.feeds[name] = self.rng.integers(limits.min, limits.max + 1, shape).astype(self.dtype)
        self.names.append(name)
        return self.quantisation(scale, zero)

    def absent(self) -> Model:
        self.names.append("")
        return self

    def build(self, op: str, domain: str = "", **attributes) -> onnx.ModelProto:
        node = helper.make_node(op, self.names, ["y"], "one", domain=domain, **attributes)
        result = helper.make_tensor_value_info("y", ELEMENTS[self.dtype], None)
        graph = helper.make_graph([node], "g", self.inputs, [result], self.constants)
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10)


def _agrees(made: Model, proto: onnx.ModelProto, tmp_path) -> list[str]:
    graph = passes.run(read(proto, tmp_path), Options())
    have, want = reference.run(graph, made.feeds)["y"], expected(proto, made.feeds)["y"]
    assert have.dtype == want.dtype and have.shape == want.shape
    np.testing.assert_array_equal(have, want)
    return ops_of(graph)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8])
@pytest.mark.parametrize("per_channel", [False, True])
@pytest.mark.parametrize("with_bias", [False, True])
def test_conv(dtype, per_channel, with_bias, tmp_path):
    made = Model(dtype).input(1, 4, 9, 9)
    made.hold(made.rng.integers(-127, 128, (6, 4, 3, 3)).astype(np.int8))
    scale = made.rng.uniform(0.002, 0.01, 6).astype(np.float32) if per_channel else np.float32(0.005)
    made.hold(scale).hold(np.zeros(scale.shape, np.int8)).quantisation(0.05, 5)
    if with_bias:
        made.hold(made.rng.integers(-2000, 2000, 6).astype(np.int32))
    assert "conv2d" in _agrees(made, made.build("QLinearConv", pads=[1] * 4, strides=[2, 2]), tmp_path)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8])
def test_matmul(dtype, tmp_path):
    made = Model(dtype).input(5, 12)
    made.hold(made.rng.integers(0, 100, (12, 7)).astype(dtype)).quantisation(0.01, 50).quantisation(0.06, 9)
    assert "dense" in _agrees(made, made.build("QLinearMatMul"), tmp_path)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8])
@pytest.mark.parametrize("alpha", [1.0, 0.5])
@pytest.mark.parametrize("with_bias", [False, True])
def test_gemm(dtype, alpha, with_bias, tmp_path):
    made = Model(dtype).input(5, 12)
    made.hold(made.rng.integers(0, 100, (7, 12)).astype(dtype)).quantisation(0.01, 50)
    if with_bias:
        made.hold(made.rng.integers(-2000, 2000, 7).astype(np.int32))
    else:
        made.absent()
    made.quantisation(0.06, 9)
    assert "dense" in _agrees(made, made.build("QGemm", "com.microsoft", transB=1, alpha=alpha), tmp_path)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8])
@pytest.mark.parametrize("op", ["QLinearAdd", "QLinearMul"])
def test_pairs(op, dtype, tmp_path):
    made = Model(dtype).input(2, 3, 8).input(2, 3, 8, scale=0.013, zero=-7 if dtype is np.int8 else 90)
    made.quantisation(0.03, 11)
    assert "quantize" not in _agrees(made, made.build(op, "com.microsoft"), tmp_path)


@pytest.mark.parametrize(
    ("op", "shape", "attributes"),
    [
        ("QLinearSigmoid", (3, 50), {}),
        ("QLinearLeakyRelu", (3, 50), {"alpha": 0.2}),
        ("QLinearGlobalAveragePool", (2, 8, 5, 7), {}),
        ("QLinearAveragePool", (1, 8, 6, 6), {"kernel_shape": [2, 2], "strides": [2, 2]}),
    ],
)
@pytest.mark.parametrize("dtype", [np.int8, np.uint8])
def test_one_input(op, shape, attributes, dtype, tmp_path):
    made = Model(dtype).input(*shape).quantisation(0.017, 4)
    _agrees(made, made.build(op, "com.microsoft", **attributes), tmp_path)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8])
def test_concat(dtype, tmp_path):
    made = Model(dtype).quantisation(0.03, 6).input(2, 3, 4).input(2, 5, 4, scale=0.05, zero=1).input(2, 1, 4)
    assert "concat" in _agrees(made, made.build("QLinearConcat", "com.microsoft", axis=1), tmp_path)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda node: node.input.__delitem__(slice(4, None)), "lacks its input"),
        (lambda node: node.attribute.append(helper.make_attribute("channels_last", 1)), "channels"),
    ],
)
def test_refusals(change, reason, tmp_path):
    made = Model(np.uint8)
    if "lacks" in reason:
        made.input(1, 4, 9, 9).hold(np.zeros((6, 4, 3, 3), np.uint8)).quantisation(0.1, 0).quantisation(0.1, 0)
        proto = made.build("QLinearConv")
    else:
        proto = made.input(1, 4, 5, 5).quantisation(0.1, 0).build("QLinearGlobalAveragePool", "com.microsoft")
    change(proto.graph.node[0])
    with pytest.raises(BarecastError, match=reason) as caught:
        read(proto, tmp_path)
    assert 'one"' in caught.value.message()
