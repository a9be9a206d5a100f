"""Functions of one 8-bit number as TensorFlow Lite computes them: tables of 256 entries (docs/numerics.md)."""

from __future__ import annotations

import math

import numpy as np

from barecast import fixed_point
from barecast.graph import Rule, TensorType
from barecast.ops.accumulate import TIES, tflite_requant
from barecast.ops.clamp import Clamp
from barecast.ops.table import per_tensor

ACTIVATION_BITS = 4
"""Integer bits of the input of logistic and tanh."""


def codes(x: TensorType) -> np.ndarray:
    """The 256 values of an 8-bit type less its zero point, indexed by the byte; int64."""
    return np.arange(256, dtype=np.uint8).view(x.dtype.numpy).astype(np.int64) - per_tensor(x, "the input").zero_point[0]


def requantize(x: TensorType, y: TensorType, rule: Rule, activation: Clamp = Clamp()) -> np.ndarray:
    """From x's steps to y's by scale_x / scale_y, clamped."""
    qx, qy = per_tensor(x, "the input"), per_tensor(y, "the output")
    found = tflite_requant(np.array([qx.scale[0] / qy.scale[0]]), rule)
    return _entries(found.apply(codes(x)) + qy.zero_point[0], y, activation.quantized(y, rule))


def logistic(x: TensorType, y: TensorType, rule: Rule) -> np.ndarray:
    """1 / (1 + exp(-x)), for an output of scale 1 / 256 and zero point -128."""
    scaled, inside = _scaled(x, rule)
    steps = fixed_point.divide_by_power(fixed_point.logistic(scaled, ACTIVATION_BITS), 23) - 128
    return _entries(np.where(inside, steps, np.where(codes(x) <= 0, -128, 127)), y)


def tanh(x: TensorType, y: TensorType, rule: Rule) -> np.ndarray:
    """tanh(x), for an output of scale 1 / 128 and zero point 0."""
    scaled, inside = _scaled(x, rule)
    steps = fixed_point.divide_by_power(fixed_point.tanh(scaled, ACTIVATION_BITS), 24)
    return _entries(np.where(inside, steps, np.where(codes(x) <= 0, -128, 127)), y)


def _scaled(x: TensorType, rule: Rule) -> tuple[np.ndarray, np.ndarray]:
    """The input as fixed-point numbers of ACTIVATION_BITS integer bits, and which of them are in range."""
    real = float(np.float32(per_tensor(x, "the input").scale[0])) * 2.0 ** (31 - ACTIVATION_BITS)
    fraction, exponent = math.frexp(real)
    multiplier = fixed_point.round_away(fraction * 2**31)
    inside = np.abs(codes(x)) < fixed_point.input_radius(ACTIVATION_BITS, exponent)
    return fixed_point.multiply(np.where(inside, codes(x), 0), multiplier, 31 - exponent, TIES[rule]), inside


def _entries(steps: np.ndarray, y: TensorType, bounds: tuple[int, int] | None = None) -> np.ndarray:
    return np.clip(steps, *(bounds or y.dtype.limits)).astype(y.dtype.numpy)
