"""The fixed-point arithmetic of TensorFlow Lite's integer kernels, bit for bit (docs/numerics.md, "TFLite").

A factor is multiplier * 2**(exponent - 31) with a multiplier of 31 bits, one exponent a channel. A product is
rounded twice: to 32 bits of the doubled product, then by the remaining shift. The functions exp, logistic and
tanh work on int32 numbers with `integer_bits` bits before the binary point. They take and return int64 arrays
whose values fit int32. Source of the definitions: gemmlowp's fixedpoint.h and TensorFlow Lite's
kernels/internal/common.h and quantization_util.cc, as TFLM builds them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

TFLITE = 2
"""`ties` of the params structs: rounded twice. (0 and 1 are ONNX's, see numerics.Requant.)"""

TFLITE_SINGLE = 3
"""`ties`: TFLite's multipliers, but one rounding, halves up."""

TFLITE_WIDE = 4
"""`ties`: 64-bit accumulators, multipliers cut to 15 bits, one rounding, halves up. Either rule has it for int16."""

INT32_MAX = 2**31 - 1

WIDE_MAX = 2**47
"""Magnitude below which a 64-bit accumulator must stay."""


@dataclass(frozen=True, eq=False)
class TfliteRequant:
    """y = acc * multiplier / 2**shift, per channel or in one; shift = 31 - exponent, 1 to 62.

    ties: TFLITE, TFLITE_SINGLE or TFLITE_WIDE (then shift = 15 - exponent, 8 to 46), which is the way of rounding.
    Same interface as numerics.Requant.
    """

    multiplier: np.ndarray
    shifts: np.ndarray
    ties: int

    @property
    def shift(self) -> int:
        """The params field: the one shift, or the first where each channel has its own."""
        return int(self.shifts[0])

    @property
    def table(self) -> np.ndarray:
        """What a kernel reads: the multipliers and, per channel, the shifts behind them."""
        if len(self.multiplier) == 1:
            return self.multiplier
        return np.concatenate([self.multiplier, self.shifts]).astype(np.int32)

    def apply(self, acc: np.ndarray) -> np.ndarray:
        """acc: int32 values (TFLITE_WIDE: below WIDE_MAX), channels last. Returns int64."""
        acc = np.asarray(acc, np.int64)
        return multiply(acc, self.multiplier, self.shifts, self.ties).reshape(acc.shape)


def round_away(value: float) -> int:
    """To the nearest integer, halves away from zero (C's round)."""
    whole = math.floor(abs(value))
    whole += abs(value) - whole >= 0.5
    return int(math.copysign(whole, value)) if whole else 0


def quantize_multiplier(factor: float) -> tuple[int, int]:
    """(multiplier, exponent): factor = multiplier * 2**(exponent - 31), 2**30 <= multiplier < 2**31, or 0, 0.

    ValueError unless 0 <= factor < 2**30.
    """
    if not 0 <= factor < 2.0**30:
        raise ValueError(f"factor {factor:g} is not between 0 and 2**30")
    if factor == 0:
        return 0, 0
    fraction, exponent = math.frexp(factor)
    multiplier = round_away(fraction * 2**31)
    if multiplier == 2**31:
        multiplier, exponent = 2**30, exponent + 1
    return (0, 0) if exponent < -31 else (multiplier, exponent)


def requant(factors: np.ndarray, ties: int) -> TfliteRequant:
    """The TfliteRequant for real factors (float64), one per channel or one in all; ValueError if one is too large."""
    pairs = [quantize_multiplier(float(f)) for f in np.atleast_1d(np.asarray(factors, np.float64))]
    multiplier, exponent = (np.array(values, np.int32) for values in zip(*pairs, strict=True))
    return TfliteRequant(multiplier, (31 - exponent).astype(np.int32), ties)


def wide_requant(factors: np.ndarray) -> TfliteRequant:
    """The TfliteRequant of 64-bit accumulators; ValueError if a factor is 128 or more."""
    found = requant(factors, TFLITE_WIDE)
    multiplier = np.minimum((found.multiplier.astype(np.int64) + (1 << 15)) >> 16, 0x7FFF).astype(np.int32)
    shifts = found.shifts - 16
    if int(shifts.min()) < 8:
        raise ValueError(f"factor {float(np.max(factors)):g} is not below 128")
    return TfliteRequant(multiplier, shifts, TFLITE_WIDE)


def wrapped(value: np.ndarray) -> np.ndarray:
    """The low 32 bits as a signed number."""
    return np.asarray(value, np.int64).astype(np.int32).astype(np.int64)


def multiply(acc: np.ndarray, multiplier: np.ndarray, shift: np.ndarray, ties: int) -> np.ndarray:
    """acc * multiplier / 2**shift, rounded as `ties` says."""
    multiplier, shift = np.asarray(multiplier, np.int64), np.asarray(shift, np.int64)
    if ties in (TFLITE_SINGLE, TFLITE_WIDE):
        return wrapped((np.asarray(acc, np.int64) * multiplier + (np.int64(1) << (shift - 1))) >> shift)
    left, right = np.maximum(31 - shift, 0), np.maximum(shift - 31, 0)
    return divide_by_power(double_high(wrapped(np.asarray(acc, np.int64) << left), multiplier), right)


def double_high(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """2 * a * b / 2**32 to the nearest, halves up; saturating."""
    return np.minimum((np.asarray(a, np.int64) * np.asarray(b, np.int64) + (1 << 30)) >> 31, INT32_MAX)


def divide_by_power(value: np.ndarray, exponent: np.ndarray | int) -> np.ndarray:
    """value / 2**exponent to the nearest, halves away from zero; exponent 0 to 31."""
    value, exponent = np.asarray(value, np.int64), np.asarray(exponent, np.int64)
    mask = (np.int64(1) << exponent) - 1
    return (value >> exponent) + ((value & mask) > (mask >> 1) + (value < 0))


def times_power(value: np.ndarray, exponent: int) -> np.ndarray:
    """value * 2**exponent, saturating."""
    return np.clip(np.asarray(value, np.int64) << exponent, -(2**31), INT32_MAX)


def input_radius(integer_bits: int, left_shift: int) -> int:
    """The largest input whose product with a factor of that left shift fits `integer_bits` integer bits."""
    return math.floor(((1 << integer_bits) - 1) * 2.0 ** (31 - integer_bits) / 2.0**left_shift)


_SQUARINGS = ((-2, 1672461947), (-1, 1302514674), (0, 790015084), (1, 290630308), (2, 39332535), (3, 720401), (4, 242))
"""(k, exp(-2**k) with 31 fraction bits)."""


def exp_of_negative(a: np.ndarray, integer_bits: int) -> np.ndarray:
    """exp(a) with 31 fraction bits, for a <= 0 with integer_bits <= 5."""
    a = np.asarray(a, np.int64)
    fraction_bits = 31 - integer_bits
    quarter = np.int64(1) << (fraction_bits - 2)
    rest = (a & (quarter - 1)) - quarter
    result = _exp_near_eighth(times_power(rest, integer_bits))
    remainder = rest - a
    for k, factor in _SQUARINGS:
        if integer_bits > k:
            bit = np.int64(1) << (fraction_bits + k)
            result = np.where(remainder & bit, double_high(result, factor), result)
    return np.where(a == 0, INT32_MAX, result)


def _exp_near_eighth(a: np.ndarray) -> np.ndarray:
    """exp(a) for -1/4 <= a < 0, both with 31 fraction bits: the Taylor series around -1/8."""
    eighth_exp, third = 1895147668, 715827883
    x = a + (1 << 28)
    x2 = double_high(x, x)
    x3, x4 = double_high(x2, x), double_high(x2, x2)
    higher = divide_by_power(double_high(divide_by_power(x4, 2) + x3, third) + x2, 1)
    return eighth_exp + double_high(eighth_exp, x + higher)


def _newton_reciprocal(a: np.ndarray) -> np.ndarray:
    """2 / (1 + a) for 0 <= a <= 1 (31 fraction bits), with 29 fraction bits: three steps of Newton's method."""
    total = np.asarray(a, np.int64) + INT32_MAX
    half = (total + 1) >> 1  # total >= 0: halves go up
    x = 1515870810 + double_high(half, -1010580540)
    for _ in range(3):
        x = x + times_power(double_high(x, (1 << 29) - double_high(half, x)), 2)
    return x


def reciprocal(a: np.ndarray) -> np.ndarray:
    """1 / (1 + a) for 0 <= a <= 1, both with 31 fraction bits."""
    return times_power(_newton_reciprocal(a), 1)


def logistic(a: np.ndarray, integer_bits: int) -> np.ndarray:
    """1 / (1 + exp(-a)) with 31 fraction bits."""
    a = np.asarray(a, np.int64)
    positive = reciprocal(exp_of_negative(-np.abs(a), integer_bits))
    return np.where(a == 0, 1 << 30, np.where(a > 0, positive, INT32_MAX - positive))


def tanh(a: np.ndarray, integer_bits: int) -> np.ndarray:
    """tanh(a) with 31 fraction bits."""
    a = np.asarray(a, np.int64)
    twice = exp_of_negative(-np.abs(a), integer_bits + 1)  # the same bits, one more of them before the point
    size = times_power(_newton_reciprocal(twice) - (1 << 29), 2)
    return np.where(a == 0, 0, np.where(a < 0, -size, size))


HALF_SQRT_2 = 1518500250
"""sqrt(2) / 2 with 31 fraction bits."""


def inverse_sqrt(value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(multiplier, exponent): 1 / sqrt(value) = multiplier * 2**(exponent - 31), for int32 values of 0 and more.

    Five steps of Newton's method from 1, on numbers with 3 integer bits. 0 counts as 1.
    """
    value = np.asarray(value, np.int64)
    right = np.full(value.shape, 11, np.int64)
    scaled = np.maximum(value, 2)
    while (large := scaled >= 1 << 29).any():
        scaled, right = np.where(large, scaled // 4, scaled), right + large
    pairs = (31 - np.frexp(scaled.astype(np.float64))[1].astype(np.int64)) // 2 - 1
    scaled, right = scaled << (2 * pairs), right - pairs
    half = divide_by_power(scaled >> 1, 1)
    x = np.full(value.shape, 1 << 28, np.int64)
    for _ in range(5):
        cube = times_power(double_high(double_high(x, x), x), 6)
        x = times_power(wrapped(double_high((1 << 28) + (1 << 27), x) - double_high(half, cube)), 3)
    multiplier = double_high(x, HALF_SQRT_2)
    multiplier, right = np.where(right < 0, multiplier << np.maximum(-right, 0), multiplier), np.maximum(right, 0)
    return np.where(value <= 1, INT32_MAX, multiplier), np.where(value <= 1, 0, -right)


def leading_zeros(value: np.ndarray) -> np.ndarray:
    """The zeros in front of a positive int32's first bit."""
    return 32 - np.frexp(np.asarray(value, np.float64))[1].astype(np.int64)


def log_above_one(z: np.ndarray) -> np.ndarray:
    """log(z) with 26 fraction bits, for z of 1 and more with 19.

    z = 2**n * r with r between the roots of 1/2 and 1, by two candidates of which the smaller r is taken; then a
    rational function of r.
    """
    quarter_root, quarter = 1805811301, 1 << 23
    z = np.asarray(z, np.int64)
    zeros_a = leading_zeros(z)
    r_a = np.minimum(double_high(z << (zeros_a - 1), HALF_SQRT_2) << 1, INT32_MAX)
    power_a = ((12 - zeros_a) << 25) + quarter
    zeros_b = leading_zeros(double_high(z, HALF_SQRT_2)) - 1
    r_b = np.minimum(z << zeros_b, INT32_MAX)
    power_b = ((12 - zeros_b) << 25) - quarter
    r, power = np.minimum(r_a, r_b), np.maximum(power_a, power_b)
    p, q = (r + quarter_root + 1) >> 1, 2 * (r - quarter_root)
    square = double_high(q, q)
    above = double_high(q, r) + double_high(double_high(q, square), 117049297)
    below = double_high(p, 1057819769 + q + double_high(127690142, square)) + double_high(638450708, q)
    fraction = double_high(divide_by_power(above, 6), reciprocal(below))
    return times_power(double_high(power, 1488522236) + fraction, 1)
