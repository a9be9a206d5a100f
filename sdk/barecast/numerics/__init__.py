"""The integer arithmetic, exactly as the C computes it (twin of runtime_c/include/barecast/bc_math.h).

docs/numerics.md is the same in prose. The one primitive is `Requant`: an int32
accumulator times a real factor, rounded to the nearest integer. The factor is held as
multiplier / 2**shift; halves go up, or where float32 would send them in the steps
where halves can occur at all (`ties`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

SHIFT_MAX = 62
"""|accumulator| <= 2**31 times multiplier < 2**31 stays within int64 together with the rounding constant."""

TIE_DENOMINATOR = 4096
"""Factors that are a fraction with a denominator up to this are treated as that fraction."""

TIE_PRODUCT = 8192
"""... if numerator times denominator are at most this: else one factor in a thousand would be a fraction by accident."""

TIE_CHANNELS = 16
"""Of the channels of a step one in so many must be such fractions. Scales picked by hand make all of them so."""

SCALE_TOLERANCE = 2.0**-22
"""How close (relative) a real quotient of float32 scales must be to a fraction to be meant as that fraction."""

SCALE_PRODUCT = 2**17
"""Numerator times denominator of such a fraction: 1/255 over 1/256 is one. So is a random quotient in 25."""

PRODUCT_TOLERANCE = 2.0**-21
"""The same for scale_a * scale_b / scale_y: three rounded scales and two roundings."""

TIE_WINDOW_BITS = 14
"""With `ties`, float32 decides about a product within 2**-14 of a half."""


@dataclass(frozen=True, eq=False)
class Requant:
    """y = round(acc * multiplier / 2**shift), multiplier int32 >= 0 per channel (or one), 1 <= shift <= 62.

    ties: 0, halves go up; 1, what is within 2**-14 of a half goes where the product in float32 would go.
    table: the array that a kernel reads. fixed_point.TfliteRequant is the same for TFLite's rules.
    """

    multiplier: np.ndarray
    shift: int
    ties: int

    @property
    def table(self) -> np.ndarray:
        return self.multiplier

    def apply(self, acc: np.ndarray) -> np.ndarray:
        """acc: integers of magnitude <= 2**31, channels last. Returns int64."""
        rounded = round_shift(np.asarray(acc, np.int64) * self.multiplier.astype(np.int64), self.shift, self.ties)
        return rounded.reshape(np.shape(acc))  # a scalar stays one beside the array of multipliers


def round_shift(value: np.ndarray, shift: int, ties: int) -> np.ndarray:
    """value / 2**shift to the nearest integer; `ties` as in Requant. value: int64, |value| <= 2**62."""
    value = np.asarray(value, np.int64)
    half = np.int64(1) << np.int64(shift - 1)
    if not ties:
        return (value + half) >> np.int64(shift)
    return np.where(is_half(value, shift), round_float_product(value, shift), (value + half) >> np.int64(shift))


def round_float_product(value: np.ndarray, shift: int) -> np.ndarray:
    """value / 2**shift by way of float32, halves to even both times: what a float32 product of two integers becomes."""
    size = np.abs(value)
    bits = np.frexp(size.astype(np.float64))[1].astype(np.int64)  # one too many below a power of two: no matter there
    drop = np.maximum(bits - 24, 0)
    steps = _shift_even(_shift_even(size, drop) << drop, np.int64(shift))
    return np.where(value < 0, -steps, steps)


def _shift_even(value: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """value / 2**shift to the nearest integer, halves to even; value >= 0."""
    odd = (value >> shift) & 1
    return np.where(shift == 0, value, (value + (np.int64(1) << np.maximum(shift - 1, 0)) - 1 + odd) >> shift)


def is_half(value: np.ndarray, shift: int, window: int | None = None) -> np.ndarray:
    """Whether value / 2**shift is half way between two integers, or within `window` / 2**shift (2**-14) of it."""
    window = np.int64(tie_window(shift) if window is None else window)
    moved = np.asarray(value, np.int64) + (np.int64(1) << np.int64(shift - 1)) + window
    return (moved & ((np.int64(1) << np.int64(shift)) - 1)) <= 2 * window


def tie_window(shift: int) -> int:
    """The half width of the window around a half, in units of 2**-shift: 2**-14, or 0 where shift is smaller."""
    return 1 << (shift - TIE_WINDOW_BITS) if shift >= TIE_WINDOW_BITS else 0


def sum_window(shift: int) -> int:
    """The same for a WeightedSum of two bytes, whose rounded multipliers make an error of up to 255 / 2**shift."""
    return tie_window(shift) + 256


def requant(factors: np.ndarray) -> Requant:
    """The Requant for real factors (float64, 0 to 2**30), one per channel or one in all; else ValueError.

    A multiplier is the factor itself: a factor that float32 rounded is not rounded again.
    All channels share the largest shift at which every multiplier fits 31 bits: the
    absolute error of a product is then at most |acc| * 2**-(shift + 1) in every channel,
    and a kernel needs no shift per channel.
    """
    factors = np.atleast_1d(np.asarray(factors, np.float64))
    largest = float(factors.max())
    if not (float(factors.min()) >= 0 and largest < 2.0**30):
        raise ValueError(f"factors from {float(factors.min()):g} to {largest:g} are not between 0 and 2**30")
    fractions = [near_fraction(f, SCALE_TOLERANCE) for f in factors]
    shift = min(SHIFT_MAX, 31 - math.frexp(max(largest, 2.0**-100))[1])
    multiplier = [round(Fraction(float(f)) * 2**shift) for f in factors]
    if max(multiplier) >= 2**31:
        shift -= 1
        multiplier = [round(Fraction(float(f)) * 2**shift) for f in factors]
    even = sum(f is not None and f.denominator % 2 == 0 for f in fractions)
    ties = even * TIE_CHANNELS > len(fractions)
    return Requant(np.array(multiplier, np.int32), shift, int(ties))


def product_factor(scale_a: np.ndarray, scale_b: np.ndarray, scale_y: np.ndarray) -> np.ndarray:
    """scale_a * scale_b / scale_y, in float32 and in this order, as onnxruntime computes it; held in float64."""
    with np.errstate(over="ignore", under="ignore"):
        factor = np.asarray(scale_a, np.float32) * np.asarray(scale_b, np.float32) / np.asarray(scale_y, np.float32)
    return np.asarray(factor, np.float64)


def mean_factor(scale_x: np.ndarray, scale_y: np.ndarray, count: np.ndarray) -> np.ndarray:
    """scale_x / (scale_y * count): what turns a sum of `count` elements into their mean, float64.

    A quotient of scales that stands for a simple fraction (0.02 / 0.05) is taken as that fraction.
    """
    ratio = float(np.float64(np.float32(scale_x).item()) / np.float64(np.float32(scale_y).item()))
    near = scale_fraction(ratio)
    return (ratio if near is None else float(near)) / np.asarray(count, np.float64)


def mean_halves(scale_x: np.ndarray, scale_y: np.ndarray, count: np.ndarray) -> bool:
    """Whether means of `count` elements (one number, or several) are halves of a step of y all the time."""
    ratio = scale_fraction(float(np.float32(scale_x).item()) / float(np.float32(scale_y).item()))
    return ratio is not None and any((ratio / int(c)).denominator % 2 == 0 for c in np.atleast_1d(count))


def near_fraction(
    value: float, tolerance: float, denominator: int = TIE_DENOMINATOR, product: int = TIE_PRODUCT
) -> Fraction | None:
    """The fraction with at most this denominator that lies within `tolerance` (relative) of value, if there is one.

    A fraction whose numerator times denominator exceeds `product` does not count: it is an accident.
    Scales chosen by hand (0.1, 1/64) make factors like 1/10 that float32 only approximates.
    onnxruntime's float32 rounding sees halves as halves there; so do we.
    """
    if not 0 < value < product:
        return None
    # numerator * denominator is close to value * denominator**2
    near = Fraction(float(value)).limit_denominator(max(1, min(denominator, math.isqrt(int(product / value)))))
    return near if near > 0 and abs(float(near) - value) <= tolerance * value else None


def scale_fraction(ratio: float) -> Fraction | None:
    """The fraction that a quotient of scales stands for, if any: 0.02 / 0.05 is 2 / 5."""
    return near_fraction(ratio, SCALE_TOLERANCE, product=SCALE_PRODUCT)


def meets_halves(factor: float) -> bool:
    """Whether integers times this float32 product of scales are halves, or meant as such, all the time."""
    near = near_fraction(factor, PRODUCT_TOLERANCE)
    return near is not None and near.denominator % 2 == 0


@dataclass(frozen=True, eq=False)
class WeightedSum:
    """y = round(sum_i x_i * multiplier_i / 2**shift), all in int32: how add and sub rescale their inputs.

    ties: the factors are fractions under which sums are halves all the time.
    """

    multiplier: tuple[int, ...]
    shift: int
    ties: bool


def weighted_sum(factors: tuple[float, ...], magnitude: int) -> WeightedSum:
    """The WeightedSum for signed real factors and inputs of at most `magnitude` (255 for 8 bits).

    The shift is the largest (at most 30) at which the sum with its rounding constant,
    and with any output zero point of 8 bits added, stays within int32.
    """
    fractions = [scale_fraction(abs(f)) for f in factors]
    exact = [Fraction(f) if n is None else (n if f > 0 else -n) for f, n in zip(factors, fractions, strict=True)]
    for shift in range(30, 0, -1):
        multiplier = tuple(round(f * 2**shift) for f in exact)
        room = magnitude * sum(abs(m) for m in multiplier) + (1 << (shift - 1)) + sum_window(shift)
        if room + (256 << shift) < 2**31:
            break
    else:
        raise ValueError(f"factors {factors} leave no room in 32 bits")
    ties = all(fractions) and any(n.denominator % 2 == 0 for n in fractions)
    return WeightedSum(multiplier, shift, ties)


def quantize(
    real: np.ndarray, scale: np.ndarray, zero_point: np.ndarray, dtype: np.dtype, away: bool = False
) -> np.ndarray:
    """ONNX QuantizeLinear in float32: saturate(round_half_even(real / scale) + zero_point).

    real and scale are float32; NaN becomes the zero point. Source: ONNX operator
    specification, QuantizeLinear. away: halves away from zero, as TensorFlow Lite has it.
    """
    info = np.iinfo(dtype)
    zero = np.asarray(zero_point, np.int32)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        steps = np.asarray(real, np.float32) / np.asarray(scale, np.float32)
        # float64 holds |steps| + 1/2 exactly, as far as there are fractions at all
        whole = np.floor(np.abs(steps.astype(np.float64)) + 0.5)
        steps = np.copysign(whole, steps) if away else np.rint(steps)
    steps = np.nan_to_num(steps, nan=0.0, posinf=np.inf, neginf=-np.inf)
    return np.clip(np.clip(steps, -(2.0**24), 2.0**24).astype(np.int32) + zero, info.min, info.max).astype(dtype)


def dequantize(q: np.ndarray, scale: np.ndarray, zero_point: np.ndarray) -> np.ndarray:
    """ONNX DequantizeLinear in float32: (q - zero_point) * scale."""
    with np.errstate(over="ignore"):  # an absurd scale gives infinities, as in C
        return (np.asarray(q, np.int32) - np.asarray(zero_point, np.int32)).astype(np.float32) * np.asarray(
            scale, np.float32
        )


def saturate(value: np.ndarray, zero: int, low: int, high: int, dtype: np.dtype) -> np.ndarray:
    """clamp(value + zero, low, high) in the element type: the last line of every integer kernel."""
    return np.clip(np.asarray(value, np.int64) + zero, low, high).astype(dtype)
