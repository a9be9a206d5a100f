"""Normalisation by statistics of the input, held against onnxruntime."""

from __future__ import annotations

import numpy as np
import pytest

from tests.frontends.build import agrees, model, node

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
