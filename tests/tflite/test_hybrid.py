"""int8 weights beside float activations mean the float weights they stand for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from barecast import pipeline, reference, targets
from barecast.errors import ModelError
from barecast.options import Options
from barecast.samples import Samples
from barecast.verification import verify
from barecast.verification.oracles import tflm

from tests.tflite.build import O, T, model, rng

SCALES = [0.02, 0.5, 0.004, 0.1]


def network(operator: str, hybrid: bool, scale: float | list[float]) -> bytes:
    """One operator with four output channels; its weights as int8, or as the floats that these stand for."""
    axis = 3 if operator == "DEPTHWISE_CONV_2D" else 0
    shape = {"CONV_2D": (4, 3, 3, 4), "DEPTHWISE_CONV_2D": (1, 3, 3, 4), "FULLY_CONNECTED": (4, 144)}[operator]
    numbers = rng(operator).integers(-127, 127, shape, endpoint=True).astype(np.int8)
    spread = np.roll([4, *[1] * (len(shape) - 1)], axis)
    scales = np.float32(1.0 if scale is None else scale)
    scales = scales.reshape(spread) if scales.ndim else scales
    x, y = T((1, 6, 6, 4), np.float32), T((1, 4) if axis == 0 and len(shape) == 2 else (1, 6, 6, 4), np.float32)
    w = T(shape, np.int8, scale, axis=axis, data=numbers) if hybrid else T(shape, np.float32, data=numbers * scales)
    b = T((4,), np.float32, data=np.array([0.5, -1, 0, 2], np.float32))
    options = {
        "CONV_2D": ("Conv2DOptions", {"StrideH": 1, "StrideW": 1}),
        "DEPTHWISE_CONV_2D": ("DepthwiseConv2DOptions", {"StrideH": 1, "StrideW": 1, "DepthMultiplier": 1}),
        "FULLY_CONNECTED": ("FullyConnectedOptions", {}),
    }[operator]
    return model([O(operator, [x, w, b], [y], options)], [x], [y])


@pytest.mark.parametrize("scale", [0.03, SCALES], ids=["one scale", "a scale per channel"])
@pytest.mark.parametrize("operator", ["CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"])
def test_hybrid_weights_compute_as_their_float_values(operator, scale, tmp_path: Path):
    hybrid, real = tmp_path / "hybrid.tflite", tmp_path / "real.tflite"
    hybrid.write_bytes(network(operator, True, scale))
    real.write_bytes(network(operator, False, scale))
    compiled = pipeline.compile_model(hybrid, targets.load("host"), Options())
    x = rng("x").normal(0, 1, (1, 6, 6, 4)).astype(np.float32)
    (got,) = reference.run(compiled.graph, {"x0": x}).values()
    (want,) = tflm.run(real, Samples({"x0": x[np.newaxis]}), [compiled.graph.outputs[0].name]).values()
    np.testing.assert_allclose(got, want[0], rtol=1e-5, atol=1e-5)
    verdict = verify(compiled, Samples({"x0": x[np.newaxis]}), reference_name="barecast")
    assert verdict.passed


def test_hybrid_weights_without_a_scale_are_refused(tmp_path: Path):
    path = tmp_path / "unscaled.tflite"
    path.write_bytes(network("CONV_2D", True, None))
    with pytest.raises(ModelError, match="has no scale"):
        pipeline.compile_model(path, targets.load("host"), Options())
