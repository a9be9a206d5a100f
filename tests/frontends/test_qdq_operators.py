"""Each operator between DequantizeLinear and QuantizeLinear: its bytes are onnxruntime's, and it becomes integers or not."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from barecast import passes, reference
from barecast.options import Options

from tests.frontends.build import INT8, expected, model, node, noise, read

SHAPE = (1, 4, 6, 6)
CONSTANTS = {"s": 0.05, "z": np.int8(3), "sy": 0.0613, "zy": np.int8(-5), "sw": 0.025, "zw": np.int8(0)}


def between(op: str, second: np.ndarray | None = None, opset: int = 20, **attributes) -> onnx.ModelProto:
    """The operator on a dequantised input, its second operand a constant: float32 is stored as bytes, others as they are."""
    nodes, names, held = [node("DequantizeLinear", "x s z", "real")], "real", dict(CONSTANTS)
    if second is not None and second.dtype == np.float32:
        held["w"] = np.clip(np.rint(second * 40), -127, 127).astype(np.int8)
        nodes.append(node("DequantizeLinear", "w sw zw", "other"))
        names += " other"
    elif second is not None:
        held["w"], names = second, "real w"
    nodes += [node(op, names, "result", **attributes), node("QuantizeLinear", "result sy zy", "y")]
    return model(*nodes, inputs={"x": (INT8, SHAPE)}, outputs={"y": INT8}, constants=held, opset=opset)


def of_two(op: str) -> onnx.ModelProto:
    nodes = [node("DequantizeLinear", "x s z", "a"), node("DequantizeLinear", "w s z", "b")]
    nodes += [node(op, "a b", "result"), node("QuantizeLinear", "result sy zy", "y")]
    inputs = {"x": (INT8, SHAPE), "w": (INT8, SHAPE)}
    return model(*nodes, inputs=inputs, outputs={"y": INT8}, constants=CONSTANTS)


UNARY = (
    "Abs", "Ceil", "Cos", "Elu", "Erf", "Exp", "Floor", "Gelu", "GlobalAveragePool", "GlobalMaxPool", "HardSigmoid",
    "HardSwish", "LeakyRelu", "Mish", "Neg", "Relu", "Round", "Selu", "Sigmoid", "Sign", "Sin", "Softmax", "Softplus",
    "Softsign", "Tanh", "ThresholdedRelu",
)  # fmt: skip
LAST, SPATIAL = np.array([-1]), np.array([2, 3])
INTEGERS = {
    **{op: between(op) for op in UNARY},
    **{op: of_two(op) for op in ("Add", "Max", "Min", "Mul", "Sub")},
    **{op: between(op, SPATIAL) for op in ("ReduceMax", "ReduceMean", "ReduceMin")},
    "Gelu by tanh": between("Gelu", approximate="tanh"),
    "PRelu of one slope": between("PRelu", np.float32([[[0.3]]])),
    "Pow 2": between("Pow", np.float32(2)),
    "ConvTranspose": between("ConvTranspose", noise(4, 3, 3, 3) * 0.3, strides=[2, 2]),
}
FLOATS = {
    "Div": of_two("Div"),
    "LogSoftmax": between("LogSoftmax"),
    "PRelu of many slopes": between("PRelu", np.abs(noise(4, 1, 1))),
    "ReduceL1": between("ReduceL1", LAST),
}


def _operators(proto: onnx.ModelProto, tmp_path, loose: int) -> list[str]:
    """After the passes. loose: bytes that may differ by 1."""
    graph = read(proto, tmp_path)
    made = passes.run(graph, Options())
    random = np.random.default_rng(2)
    feeds = {port.name: random.integers(-128, 128, graph.type(port.tensor).shape).astype(np.int8) for port in graph.inputs}
    want = expected(proto, feeds)["y"].astype(int)
    for one in (graph, made):
        apart = np.abs(reference.run(one, feeds)["y"] - want)
        assert apart.max() <= (loose > 0) and (apart > 0).sum() <= loose
    return [one.op for one in made.nodes]


@pytest.mark.parametrize("name", INTEGERS)
def test_becomes_integers(name, tmp_path):
    """Sums and exponents in integers meet a half now and then, where the oracle's floats fall to either side."""
    loose = {"Softmax": 30, "ConvTranspose": 5}.get(name, 0)
    assert not {"dequantize", "quantize"} & set(_operators(INTEGERS[name], tmp_path, loose))


@pytest.mark.parametrize("name", FLOATS)
def test_is_computed_in_floats(name, tmp_path):
    assert {"dequantize", "quantize"} <= set(_operators(FLOATS[name], tmp_path, 0))
