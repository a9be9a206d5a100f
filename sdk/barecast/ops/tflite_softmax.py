"""Softmax of int8 (to int8 or int16) as TensorFlow Lite computes it (docs/numerics.md). Part of the operator `softmax`.

The exponential of a difference to the row's maximum depends on one byte, so it is a table; what is left for the
row is a sum with 19 fraction bits, a fixed-point reciprocal and a product.
"""

from __future__ import annotations

import numpy as np

from barecast.errors import ModelError
from barecast.numerics import fixed_point

INTEGER_BITS = 5
"""Of the difference to the maximum, in real units."""

SUM_BITS = 12
"""Integer bits of the sum of a row."""


def exponentials(scale: float) -> np.ndarray:
    """t[d] = exp(-d * scale) with 31 fraction bits as int32, d = 0..255; 0 below exp(-31)."""
    multiplier, exponent = scaling(scale)
    difference = -np.arange(256, dtype=np.int64)
    scaled = fixed_point.double_high(fixed_point.wrapped(difference << exponent), multiplier)
    in_range = difference >= -fixed_point.input_radius(INTEGER_BITS, exponent)
    table = fixed_point.exp_of_negative(np.where(in_range, scaled, 0), INTEGER_BITS)
    return np.where(in_range, table, 0).astype(np.int32)


def scaling(scale: float) -> tuple[int, int]:
    """(multiplier, left shift) from steps of the input to the fixed-point exponents."""
    return _multiplier(min(float(scale) * 2.0 ** (31 - INTEGER_BITS), 2.0**31 - 1.0))


def _multiplier(real: float) -> tuple[int, int]:
    if real <= 1:
        raise ModelError(f"the input's scale {real * 2.0**-26:g} is too small", remedy="quantise the model again")
    if real >= 2.0**30:  # QuantizeMultiplier proper, beyond what fixed_point takes: exponent 31
        return fixed_point.round_away(real / 2), 31
    return fixed_point.quantize_multiplier(real)


def execute(x: np.ndarray, scale: float, axis: int, bits: int) -> np.ndarray:
    """scale: of the exponents. Steps above y's zero point: probabilities times 2**bits (8 or 16), not clamped."""
    table = exponentials(scale).astype(np.int64)
    wide = x.astype(np.int64)
    terms = table[wide.max(axis=axis, keepdims=True) - wide]
    total = fixed_point.divide_by_power(terms, SUM_BITS).sum(axis=axis, keepdims=True)
    # The sum is 2**(32 - headroom) * (1 + fraction).
    headroom = 32 - np.frexp(total.astype(np.float64))[1].astype(np.int64)
    scale = fixed_point.reciprocal((total << headroom) - (np.int64(1) << 31))
    exponent = SUM_BITS - headroom + 31 - bits
    y = fixed_point.divide_by_power(fixed_point.double_high(scale, terms), np.minimum(exponent, 31))
    return np.where(exponent > 31, 0, y)
