"""MatMul and Gemm: every operand form, held against onnxruntime."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tests.frontends.build import agrees, model, node, noise, ops_of


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((2, 3), (3, 4)),
        ((5, 2, 3), (3, 4)),
        ((5, 2, 3), (5, 3, 4)),
        ((1, 2, 3), (5, 3, 4)),
        ((3,), (3, 4)),
        ((2, 3), (3,)),
        ((3,), (3,)),
        ((5, 2, 3), (3,)),
        ((3,), (5, 3, 4)),
    ],
)
def test_matmul(a, b, tmp_path):
    agrees(model(node("MatMul", "x w"), inputs={"x": a}, constants={"w": noise(*b)}), tmp_path)
    agrees(model(node("MatMul", "x w"), inputs={"x": a, "w": b}), tmp_path)
    agrees(model(node("MatMul", "x w"), inputs={"w": b}, constants={"x": noise(*a)}), tmp_path)


@pytest.mark.parametrize("c", [None, (4,), (1, 4), (1,), (), (3, 4), (3, 1)], ids=str)
@pytest.mark.parametrize("factors", [{}, {"alpha": 0.5, "beta": 2.0}, {"beta": 0.0}, {"alpha": 0.25}], ids=str)
def test_gemm(c, factors, tmp_path):
    for trans_a, trans_b in itertools.product((0, 1), (0, 1)):
        a, b = ((5, 3) if trans_a else (3, 5)), ((4, 5) if trans_b else (5, 4))
        gemm = node("Gemm", "x w" if c is None else "x w c", transA=trans_a, transB=trans_b, **factors)
        third = {} if c is None else {"c": noise(*c)}
        graph = agrees(model(gemm, inputs={"x": a}, constants={"w": noise(*b), **third}), tmp_path)
        assert "dense" in ops_of(graph) and "matmul" not in ops_of(graph)
        # nothing constant
        given = {} if c is None else {"c": c}
        graph = agrees(model(gemm, inputs={"x": a, "w": b, **given}), tmp_path)
        assert "matmul" in ops_of(graph) and "dense" not in ops_of(graph)


def test_a_constant_gemm_is_one_dense_layer(tmp_path):
    proto = model(
        node("Gemm", "x w c", alpha=0.5, beta=2.0), inputs={"x": (1, 5)}, constants={"w": noise(5, 4), "c": noise(4)}
    )
    graph = agrees(proto, tmp_path)
    assert ops_of(graph) == ["dense"]
    weights, bias = (graph.tensors[n].data for n in graph.nodes[0].inputs[1:])
    assert (weights == noise(5, 4).T * np.float32(0.5)).all() and (bias == noise(4) * 2).all()


@pytest.mark.parametrize("factors", [{}, {"alpha": 0.5, "beta": 2.0}], ids=str)
@pytest.mark.parametrize("trans_b", [0, 1])
def test_a_dequantised_weight_stays_dequantised(factors, trans_b, tmp_path):
    shape = (4, 5) if trans_b else (5, 4)
    proto = model(
        node("DequantizeLinear", "q s", "w", axis=0 if trans_b else 1),
        node("DequantizeLinear", "r t", "c"),
        node("Gemm", "x w c", transB=trans_b, **factors),
        inputs={"x": (2, 5)},
        constants={
            "q": (noise(*shape) * 50).astype(np.int8),
            "s": [0.1, 0.2, 0.3, 0.4],
            "r": (noise(4) * 1000).astype(np.int32),
            "t": np.float32(0.01),
        },
        opset=21,
    )
    # without a zero point DequantizeLinear takes any of the integer types
    graph = agrees(proto, tmp_path)
    assert ops_of(graph)[:2] == ["dequantize", "dequantize"] and "dense" in ops_of(graph)
