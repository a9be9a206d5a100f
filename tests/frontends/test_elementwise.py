"""Arithmetic on single elements, held against onnxruntime."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.frontends.build import agrees, model, node, noise, ops_of


@pytest.mark.parametrize("op", ["Add", "Sub", "Mul"])
@pytest.mark.parametrize(
    ("a", "b"), [((2, 3), (2, 3)), ((2, 3, 4), (4,)), ((1, 3, 1, 5), (2, 1, 4, 1)), ((2, 3), ()), ((4,), (2, 1))]
)
def test_binary_broadcasts(op, a, b, tmp_path):
    assert ops_of(agrees(model(node(op, "x z"), inputs={"x": a, "z": b}), tmp_path)) == ["binary"]
    agrees(model(node(op, "z x"), inputs={"x": a}, constants={"z": noise(*b)}), tmp_path)


@pytest.mark.parametrize("op", ["Relu", "Sigmoid", "Tanh"])
def test_unary(op, tmp_path):
    agrees(model(node(op, "x"), inputs={"x": (2, 3, 7)}), tmp_path)


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
