"""Functions of one 8-bit number as TensorFlow Lite computes them: tables of 256 entries (docs/numerics.md)."""

from __future__ import annotations

import math

import numpy as np

from barecast.errors import ModelError
from barecast.graph import Rule, TensorType
from barecast.numerics import fixed_point
from barecast.ops import rsqrt
from barecast.ops.accumulate import TIES, tflite_requant
from barecast.ops.clamp import Clamp
from barecast.ops.table import per_tensor

ACTIVATION_BITS = 4
"""Integer bits of the input of logistic and tanh."""


def codes(x: TensorType) -> np.ndarray:
    """The 256 values of an 8-bit type less its zero point, indexed by the byte; int64."""
    return (
        np.arange(256, dtype=np.uint8).view(x.dtype.numpy).astype(np.int64) - per_tensor(x, "the input").zero_point[0]
    )


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


def leaky_relu(x: TensorType, y: TensorType, rule: Rule, alpha: float) -> np.ndarray:
    """x, or alpha * x below zero."""
    scale_x, scale_y = (float(s) for s in _scales(x, y))
    above = tflite_requant(np.array([scale_x / scale_y]), rule)
    below = tflite_requant(np.array([abs(scale_x * float(np.float32(alpha)) / scale_y)]), rule)
    sign = -1 if alpha < 0 else 1
    steps = np.where(codes(x) >= 0, above.apply(codes(x)), sign * below.apply(codes(x)))
    return _entries(steps + per_tensor(y, "the output").zero_point[0], y)


def absolute(x: TensorType, y: TensorType, rule: Rule) -> np.ndarray:
    """|x|."""
    scale_x, scale_y = (float(s) for s in _scales(x, y))
    found = tflite_requant(np.array([scale_x / scale_y]), rule)
    return _entries(found.apply(np.abs(codes(x))) + per_tensor(y, "the output").zero_point[0], y)


def elu(x: TensorType, y: TensorType, rule: Rule) -> np.ndarray:
    """x, or e**x - 1 below zero, in float32, as TFLM fills its own table."""
    scale_x, scale_y = _scales(x, y)
    real = scale_x * codes(x).astype(np.float32)
    real = np.where(real < 0, np.exp(np.minimum(real, 0).astype(np.float64)).astype(np.float32) - np.float32(1), real)
    scaled = (real * (np.float32(1) / scale_y)).astype(np.float64)
    steps = np.copysign(np.floor(np.abs(scaled) + 0.5), scaled).astype(np.int64)
    return _entries(steps + per_tensor(y, "the output").zero_point[0], y)


def inverse_root(x: TensorType, y: TensorType, rule: Rule) -> np.ndarray:
    """1 / sqrt(x) by a fixed-point inverse root; the largest number for 0 and, where TFLM stops, below."""
    zero, (_, most) = per_tensor(y, "the output").zero_point[0], y.dtype.limits
    return _entries(rsqrt.steps(rsqrt.params(x, y, rule), codes(x), most - zero) + zero, y)


def hard_swish(x: TensorType, y: TensorType, rule: Rule) -> np.ndarray:
    """x * min(max(x + 3, 0), 6) / 6 in 16-bit fixed point; the rule's rounding plays no part."""
    scale_x, scale_y = _scales(x, y)
    fine = np.float32(1 / 128) * scale_x
    out_mult, out_exponent = _multiplier_16(fine / scale_y)
    gate_mult, gate_exponent = _multiplier_16(fine / (np.float32(3) / np.float32(32768)))
    value = codes(x) * 128
    gate = _saturated(value << (gate_exponent - 1)) if gate_exponent > 0 else value
    gate = _high_16(gate, gate_mult)
    gate = _saturated(gate << 1) if gate_exponent > 0 else fixed_point.divide_by_power(gate, -gate_exponent)
    gate = (gate + (1 << 15)) >> 1
    product = gate * _high_16(value, out_mult)
    product = np.sign(product) * (np.abs(product) >> 15)  # C's division drops the fraction
    if out_exponent > 0:
        raise ModelError("the output's scale is too small for HARD_SWISH", remedy="quantise the model again")
    steps = fixed_point.divide_by_power(product, -out_exponent)
    return _entries(steps + per_tensor(y, "the output").zero_point[0], y)


def _multiplier_16(factor: np.float32) -> tuple[int, int]:
    """TFLite's multiplier of a factor in 16 bits, and its exponent."""
    multiplier, exponent = fixed_point.quantize_multiplier(float(factor))
    return min((multiplier + (1 << 15)) >> 16, 2**15 - 1), exponent


def _high_16(a: np.ndarray, b: int) -> np.ndarray:
    return (a * b + (1 << 14)) >> 15


def _saturated(value: np.ndarray) -> np.ndarray:
    return np.clip(value, -(2**15), 2**15 - 1)


FUNCTIONS = {
    "sigmoid": logistic,
    "tanh": tanh,
    "abs": absolute,
    "elu": elu,
    "hard_swish": hard_swish,
    "rsqrt": inverse_root,
}
"""Kinds of `unary` without parameters."""


def _scales(x: TensorType, y: TensorType) -> tuple[np.float32, np.float32]:
    return np.float32(per_tensor(x, "the input").scale[0]), np.float32(per_tensor(y, "the output").scale[0])


def _scaled(x: TensorType, rule: Rule) -> tuple[np.ndarray, np.ndarray]:
    """The input as fixed-point numbers of ACTIVATION_BITS integer bits, and which of them are in range."""
    real = float(np.float32(per_tensor(x, "the input").scale[0])) * 2.0 ** (31 - ACTIVATION_BITS)
    fraction, exponent = math.frexp(real)
    multiplier = fixed_point.round_away(fraction * 2**31)
    inside = np.abs(codes(x)) < fixed_point.input_radius(ACTIVATION_BITS, exponent)
    return fixed_point.multiply(np.where(inside, codes(x), 0), multiplier, 31 - exponent, TIES[rule]), inside


def _entries(steps: np.ndarray, y: TensorType, bounds: tuple[int, int] | None = None) -> np.ndarray:
    return np.clip(steps, *(bounds or y.dtype.limits)).astype(y.dtype.numpy)
