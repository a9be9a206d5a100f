"""Normalisation by statistics of the input, held against onnxruntime."""

from __future__ import annotations

import numpy as np
import pytest

from tests.frontends.build import FLOAT, agrees, expected, expected_by_onnx, model, node, ops_of

SHAPE = (2, 3, 4, 5)


def _parameters(*shape: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(3)
    return {"scale": random.normal(size=shape).astype(np.float32), "b": random.normal(size=shape).astype(np.float32)}


@pytest.mark.parametrize("axis", [-1, 1, 2])
@pytest.mark.parametrize("inputs", ["x scale b", "x scale"])
def test_layer(axis, inputs, tmp_path):
    constants = {k: v for k, v in _parameters(*SHAPE[axis:]).items() if k in inputs.split()}
    one = node("LayerNormalization", inputs, axis=axis, epsilon=1e-2)
    agrees(model(one, inputs={"x": SHAPE}, constants=constants, opset=17), tmp_path)


@pytest.mark.parametrize("shape", [SHAPE, (1, 3, 7)])
def test_instance(shape, tmp_path):
    one = node("InstanceNormalization", "x scale b", epsilon=1e-2)
    agrees(model(one, inputs={"x": shape}, constants=_parameters(3), opset=13), tmp_path)


@pytest.mark.parametrize("axes", [[0, 2, 3], [2, 3]])
def test_mean_variance(axes, tmp_path):
    agrees(model(node("MeanVarianceNormalization", "x", axes=axes), inputs={"x": SHAPE}, opset=13), tmp_path)


def test_further_outputs_of_layer(tmp_path):
    """The mean and 1 / the deviation, of which either may be absent."""
    for names in ("y m i", "y - i", "y m"):
        results = {name: FLOAT for name in names.split() if name != "-"}
        one = node("LayerNormalization", "x scale", names, axis=2)
        agrees(model(one, inputs={"x": SHAPE}, outputs=results, constants={"scale": np.float32([1])}), tmp_path)


@pytest.mark.parametrize("shape", [(2, 6, 4, 5), (1, 6, 7), (3, 6)])
@pytest.mark.parametrize("groups", [1, 2, 6])
@pytest.mark.parametrize("opset", [18, 21])
def test_group(shape, groups, opset, tmp_path):
    """In opset 18 scale and bias are those of the groups, which onnxruntime does not know."""
    one = node("GroupNormalization", "x scale b", num_groups=groups, epsilon=1e-2)
    constants = _parameters(groups if opset < 21 else 6)
    oracle = expected_by_onnx if opset < 21 else expected
    agrees(model(one, inputs={"x": shape}, constants=constants, opset=opset), tmp_path, oracle=oracle)


def test_layer_spelt_out_is_the_same_steps(tmp_path):
    """As exporters write it before opset 17: nothing is left to fuse."""
    constants = {**_parameters(5), "two": np.float32(2), "e": np.float32(1e-2)}
    spelt = model(
        node("ReduceMean", "x", "m", axes=[-1]), node("Sub", "x m", "d"), node("Pow", "d two", "p"),
        node("ReduceMean", "p", "v", axes=[-1]), node("Add", "v e", "a"), node("Sqrt", "a", "r"),
        node("Div", "d r", "n"), node("Mul", "n scale", "s"), node("Add", "s b"),
        inputs={"x": SHAPE}, constants=constants, opset=13,
    )  # fmt: skip
    whole = model(
        node("LayerNormalization", "x scale b", epsilon=1e-2), inputs={"x": SHAPE}, constants=_parameters(5), opset=17
    )
    assert ops_of(agrees(spelt, tmp_path)) == ops_of(agrees(whole, tmp_path))
