"""Pools: every option, and a sweep over ceil_mode and padding, held against onnxruntime."""

from __future__ import annotations

import itertools

import pytest
from barecast import reference

from tests.frontends.build import INT8, UINT8, agrees, model, node, noise, ops_of, read

CASES = {
    "plain": dict(kernel_shape=[2, 3]),
    "strides": dict(kernel_shape=[3, 3], strides=[2, 1]),
    "pads": dict(kernel_shape=[3, 3], pads=[1, 0, 2, 1]),
    "valid": dict(kernel_shape=[3, 3], strides=[2, 2], auto_pad="VALID"),
    "same upper": dict(kernel_shape=[3, 2], strides=[2, 2], auto_pad="SAME_UPPER"),
    "same lower": dict(kernel_shape=[3, 2], strides=[2, 2], auto_pad="SAME_LOWER"),
    "ceil": dict(kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1),
    "ceil and valid": dict(kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1, auto_pad="VALID"),
    "ceil and pads": dict(kernel_shape=[3, 2], strides=[2, 3], pads=[1, 0, 1, 1], ceil_mode=1),
    "ceil, last window dropped": dict(kernel_shape=[2, 2], strides=[3, 3], pads=[0, 0, 1, 1], ceil_mode=1),
}


@pytest.mark.parametrize("op", ["MaxPool", "AveragePool"])
@pytest.mark.parametrize("case", [pytest.param(c, id=n) for n, c in CASES.items()])
def test_an_image(op, case, tmp_path):
    graph = agrees(model(node(op, "x", **case), inputs={"x": (2, 3, 8, 6)}), tmp_path)
    assert ops_of(graph) == ["transpose", "pool2d", "transpose"]


@pytest.mark.parametrize("case", [pytest.param(c, id=n) for n, c in CASES.items()])
def test_padding_that_counts(case, tmp_path):
    agrees(model(node("AveragePool", "x", count_include_pad=1, **case), inputs={"x": (1, 2, 8, 6)}), tmp_path)


@pytest.mark.parametrize("op", ["MaxPool", "AveragePool"])
def test_dilations(op, tmp_path):
    pool = node(op, "x", kernel_shape=[3, 2], dilations=[2, 3], strides=[1, 2], pads=[1, 1, 1, 1], ceil_mode=1)
    agrees(model(pool, inputs={"x": (1, 2, 9, 9)}, opset=22), tmp_path)


@pytest.mark.parametrize("include", [0, 1])
@pytest.mark.parametrize("ceil", [0, 1])
@pytest.mark.parametrize("strides", [[1, 1], [2, 2], [3, 2]], ids=str)
@pytest.mark.parametrize("pads", [[0, 0, 0, 0], [1, 1, 1, 1], [0, 1, 1, 0]], ids=str)
def test_padding_dilations_and_rounding_up_together(include, ceil, strides, pads, tmp_path):
    given = {"count_include_pad": include, "ceil_mode": ceil, "strides": strides, "pads": pads, "dilations": [2, 2]}
    proto = model(node("AveragePool", "x", kernel_shape=[3, 2], **given), inputs={"x": (1, 3, 9, 10)}, opset=19)
    agrees(proto, tmp_path)


def test_same_padding_with_a_stride_over_the_kernel(tmp_path):
    pool = node("MaxPool", "x", kernel_shape=[1, 1], strides=[2, 2], auto_pad="SAME_UPPER")
    graph = read(model(pool, inputs={"x": (1, 2, 6, 6)}), tmp_path)
    x = noise(1, 2, 6, 6)
    # onnxruntime refuses its own negative padding here; its Conv takes it as none
    assert (reference.run(graph, {"x": x})["y"] == x[:, :, ::2, ::2]).all()


@pytest.mark.parametrize(
    ("op", "extra"), [("MaxPool", {}), ("AveragePool", {}), ("AveragePool", {"count_include_pad": 1})]
)
def test_sweep_over_sequences(op, extra, tmp_path):
    for kernel, stride, begin, end, ceil in itertools.product((2, 3), (1, 2, 3), (0, 1), (0, 1), (0, 1)):
        pool = node(op, "x", kernel_shape=[kernel], strides=[stride], pads=[begin, end], ceil_mode=ceil, **extra)
        for extent in (4, 5, 6, 7):
            agrees(model(pool, inputs={"x": (1, 2, extent)}), tmp_path)


@pytest.mark.parametrize("elem", [INT8, UINT8])
def test_maximum_of_integers(elem, tmp_path):
    pool = node("MaxPool", "x", kernel_shape=[2, 2], pads=[1, 1, 0, 0])
    agrees(model(pool, inputs={"x": (elem, (1, 2, 5, 5))}, outputs={"y": elem}), tmp_path)


@pytest.mark.parametrize("shape", [(2, 3, 5, 4), (2, 3, 7)])
@pytest.mark.parametrize("op", ["GlobalAveragePool", "GlobalMaxPool"])
def test_global(op, shape, tmp_path):
    agrees(model(node(op, "x"), inputs={"x": shape}), tmp_path)
