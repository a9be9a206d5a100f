"""Arithmetic on single elements, held against onnxruntime."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.frontends.build import agrees, expected_by_onnx, model, node, noise, ops_of


@pytest.mark.parametrize("op", ["Add", "Sub", "Mul"])
@pytest.mark.parametrize(
    ("a", "b"), [((2, 3), (2, 3)), ((2, 3, 4), (4,)), ((1, 3, 1, 5), (2, 1, 4, 1)), ((2, 3), ()), ((4,), (2, 1))]
)
def test_binary_broadcasts(op, a, b, tmp_path):
    assert ops_of(agrees(model(node(op, "x z"), inputs={"x": a, "z": b}), tmp_path)) == ["binary"]
    agrees(model(node(op, "z x"), inputs={"x": a}, constants={"z": noise(*b)}), tmp_path)


@pytest.mark.parametrize("op", ["Div", "Max", "Min", "Pow", "Sum", "Mean", "PRelu", "Mod"])
@pytest.mark.parametrize(("a", "b"), [((2, 3, 4), (4,)), ((2, 3, 1, 5), (3, 1, 1)), ((2, 3), ())])
def test_arithmetic(op, a, b, tmp_path):
    attributes = {"fmod": 1} if op == "Mod" else {}
    positive = node("Abs", "x", "p")
    assert "binary" in ops_of(agrees(model(positive, node(op, "p z", **attributes), inputs={"x": a, "z": b}), tmp_path))
    agrees(model(node(op, "x z", **attributes), inputs={"x": a}, constants={"z": np.rint(2 * noise(*b))}), tmp_path)


@pytest.mark.parametrize("op", ["Max", "Min", "Sum", "Mean"])
@pytest.mark.parametrize("count", [1, 3, 4])
def test_several(op, count, tmp_path):
    inputs = {f"x{i}": (3, 1) if i % 2 else (2, 1, 5) for i in range(count)}
    agrees(model(node(op, " ".join(inputs)), inputs=inputs), tmp_path)


@pytest.mark.parametrize("exponent", [1, 2, 0.5, -1, -0.5, 3, 2.2])
@pytest.mark.parametrize("shape", [(), (1,), (4,)])
def test_powers(exponent, shape, tmp_path):
    constants = {"e": np.full(shape, exponent, np.float32)}
    agrees(model(node("Abs", "x", "p"), node("Pow", "p e"), inputs={"x": (3, 4)}, constants=constants), tmp_path)


@pytest.mark.parametrize("op", ["Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"])
def test_comparison_and_choice(op, tmp_path):
    nodes = [node("Round", "x", "rx"), node("Round", "z", "rz"), node(op, "rx rz", "c"), node("Where", "c x z")]
    agrees(model(*nodes, inputs={"x": (2, 3, 4), "z": (3, 1)}), tmp_path)


@pytest.mark.parametrize("op", ["And", "Or", "Xor"])
def test_logic(op, tmp_path):
    nodes = [node("Greater", "x z", "a"), node("Less", "x h", "b"), node(op, "a b", "c"), node("Not", "c", "d")]
    constants = {"h": np.float32(0.5), "m": np.array([True, False, True, True])}
    nodes += [node(op, "d m", "e"), node("Where", "e x z")]
    agrees(model(*nodes, inputs={"x": (3, 4), "z": (4,)}, constants=constants), tmp_path)


UNARY = """Abs Ceil Cos Elu Erf Exp Floor HardSigmoid LeakyRelu Neg Reciprocal Relu Round Selu Sigmoid Sign Sin Softplus
Softsign Tanh ThresholdedRelu""".split()


@pytest.mark.parametrize("op", UNARY)
def test_unary(op, tmp_path):
    agrees(model(node(op, "x"), inputs={"x": (2, 3, 7)}), tmp_path)


@pytest.mark.parametrize("op", ["Sqrt", "Log"])
def test_positive(op, tmp_path):
    agrees(model(node("Exp", "x", "e"), node(op, "e"), inputs={"x": (2, 3, 7)}), tmp_path)


@pytest.mark.parametrize(
    ("op", "opset", "attributes"),
    [
        ("Elu", 17, {"alpha": 0.3}),
        ("LeakyRelu", 16, {"alpha": 0.3}),
        ("LeakyRelu", 16, {"alpha": -0.3}),
        ("Selu", 17, {"alpha": 1.2, "gamma": 0.7}),
        ("Celu", 17, {"alpha": 0.6}),
        ("HardSigmoid", 17, {"alpha": 0.4, "beta": 0.1}),
        ("HardSwish", 17, {}),
        ("ThresholdedRelu", 17, {"alpha": 0.1}),
        ("Gelu", 20, {}),
        ("Gelu", 20, {"approximate": "tanh"}),
        ("Mish", 18, {}),
        ("LogSoftmax", 17, {"axis": 1}),
        ("LogSoftmax", 11, {"axis": 1}),
    ],
)
def test_functions_with_attributes(op, opset, attributes, tmp_path):
    agrees(model(node(op, "x", **attributes), inputs={"x": (2, 3, 7)}, opset=opset), tmp_path)


@pytest.mark.parametrize("alpha", [1.0, 0.7])
def test_swish(alpha, tmp_path):
    proto = model(node("Swish", "x", alpha=alpha), inputs={"x": (2, 3, 7)}, opset=24)
    agrees(proto, tmp_path, oracle=expected_by_onnx)


@pytest.mark.parametrize(
    ("inputs", "constants"),
    [
        ("x low high", {"low": -0.5, "high": 0.5}),
        ("x low", {"low": 0.1}),
        ("x - high", {"high": 0.25}),
        ("x", {}),
        ("x low high", {"low": 1.0, "high": -1.0}),
        ("x low high", {"low": -math.inf, "high": math.inf}),
    ],
)
@pytest.mark.parametrize("opset", [11, 13])
def test_clip(inputs, constants, opset, tmp_path):
    constants = {name: np.float32(value) for name, value in constants.items()}
    proto = model(node("Clip", inputs), node("Identity", "y", "z"), outputs={"z": 1}, constants=constants, opset=opset)
    agrees(proto, tmp_path)


@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 5), (2, 3, 4, 5)])
@pytest.mark.parametrize("opset", [11, 14, 15])
def test_batch_normalization(shape, opset, tmp_path):
    constants = {"s": noise(3), "b": noise(3, seed=1), "m": noise(3, seed=2), "v": np.abs(noise(3, seed=3)) + 0.1}
    graph = agrees(
        model(
            node("BatchNormalization", "x s b m v", epsilon=1e-3), inputs={"x": shape}, constants=constants, opset=opset
        ),
        tmp_path,
    )
    assert [op for op in ops_of(graph) if op != "transpose"] == ["binary", "binary"]
