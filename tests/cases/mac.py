"""Operands of the multiply-accumulate operators: weights, biases and output quantisations for a wanted factor."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from barecast.graph import DType, Quant, Rule

from tests.cases.build import Constant, quant, rng

RULES = (("onnx", Rule.ONNX), ("tflite", Rule.TFLITE), ("tflite single", Rule.TFLITE_SINGLE))

CHANNELS = (1, 2, 3, 4, 5, 7, 8, 9, 16, 17)
"""Edges of every tile that a kernel may have."""


def float_weights(seed: str, shape: Sequence[int]) -> Constant:
    return Constant(rng(seed).normal(0, 0.5, tuple(shape)).astype(np.float32))


def float_bias(seed: str, channels: int) -> Constant:
    return Constant(rng(seed + " bias").normal(0, 1, channels).astype(np.float32))


def weights(
    seed: str,
    shape: Sequence[int],
    axis: int,
    per_channel: bool = True,
    zero: int | Sequence[int] = 0,
    scale: float = 0.01,
    low: int = -128,
    high: int = 127,
) -> Constant:
    """int8 weights from `low` to `high`; per channel, scales spread over a factor of 30 along `axis`.

    low: -127 for weights as quantisers make them, which some kernels take a shorter way with.
    """
    generator = rng(seed)
    data = generator.integers(low, high, tuple(shape), endpoint=True).astype(np.int8)
    if not per_channel:
        return Constant(data, quant(scale, zero))
    scales = scale * np.exp(generator.uniform(-1.7, 1.7, shape[axis]))
    return Constant(data, quant(scales, zero, axis))


def bias(seed: str, channels: int, size: int = 20000) -> Constant:
    """int32 biases; their quantisation is implied by input and weights."""
    return Constant(rng(seed + " bias").integers(-size, size, channels, endpoint=True).astype(np.int32))


def out(scale: float = 0.05, zero: int = 0) -> tuple[DType, Quant]:
    return DType.S8, quant(scale, zero)


FLOAT = (DType.F32, None)

FACTORS = (
    ("half", 0.5, 0.5, 0.5),
    ("tenth", 0.1, 0.05, 0.05),
    ("sixtyfourth", 1 / 64, 0.25, 0.25),
    ("fiftieth", 0.02, 0.1, 0.1),
    ("three_quarters", 0.75, 1.0, 1.0),
    ("above_one", 2.0, 1.75, 1.0),
    ("tiny", 1e-6, 1e-5, 0.5),
    ("huge", 64.0, 64.0, 0.001),
)
"""(name, input scale, weight scale, output scale): halves that occur, long and short shifts, saturation."""
