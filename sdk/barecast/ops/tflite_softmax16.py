"""Softmax of int16 as TensorFlow Lite computes it (docs/numerics.md). Part of the operator `softmax`.

exp(d) for d from -10 to 0 and 1 / (1 + a) for a from 0 to 1 are interpolated in tables of 513 entries; the tables are
the same for every model.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from barecast.errors import ModelError
from barecast.graph import Rule
from barecast.numerics import fixed_point
from barecast.ops.accumulate import tflite_requant

STEPS = 512
REACH = 10.0
"""Exponents below -REACH count as that."""

RANGE = 65535
"""Steps of 16 bits."""

EXTENT_MAX = 1 << 16
"""A row's exponentials, each below 2**15, are added in int32."""


@cache
def tables() -> np.ndarray:
    """int16 [2 * 513]: the exponential, then the reciprocal."""
    exponential = _table(REACH, 32767, lambda v: np.exp(v.astype(np.float64)).astype(np.float32))
    reciprocal = _table(1.0, -32768, lambda v: np.float32(1) / (np.float32(1) + v))
    return np.concatenate([exponential, reciprocal])


def _table(width: float, zero: int, function: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """513 samples of the function over int16 less `zero`, in steps of width / RANGE; the values in 2 / RANGE.

    Each but the last is moved by half of the error that interpolation makes in the middle to the next. In float32
    throughout, as TFLM fills its tables.
    """
    f32 = np.float32
    scale, y_scale = f32(width) / f32(RANGE), f32(2) / f32(RANGE)
    low, high = scale * f32(-32768 - zero), scale * f32(32767 - zero)
    inverse = f32(65536) / (y_scale * f32(32767) - y_scale * f32(-32768))
    step = (high - low) / f32(STEPS)
    index = np.arange(STEPS + 1, dtype=np.float32)
    here = function(low + index[:-1] * step) * inverse
    middle = function(low + index[:-1] * step + step / f32(2)) * inverse
    after = function(low + index[1:] * step) * inverse
    sample = _away(here)
    error = _away((after + sample) / f32(2)) - _away(middle)
    last = _away(function(high[np.newaxis]) * inverse)
    return np.clip(np.concatenate([sample - _away(error / f32(2)), last]), -32768, 32767).astype(np.int16)


def _away(value: np.ndarray) -> np.ndarray:
    """To the nearest integer, halves away from zero."""
    return np.copysign(np.floor(np.abs(value.astype(np.float64)) + 0.5), value).astype(np.float32)


def factor(scale: float, rule: Rule) -> fixed_point.TfliteRequant:
    """From the input's steps to RANGE steps for REACH."""
    return tflite_requant(np.array([float(scale) / (REACH / RANGE)]), rule)


def check_extent(extent: int) -> None:
    if extent > EXTENT_MAX:
        raise ModelError(f"a row has {extent} elements, and at most {EXTENT_MAX} are supported", remedy="use fewer")


def look_up(value: np.ndarray, table: np.ndarray) -> np.ndarray:
    """table at int16 values: 9 bits choose an entry, 7 interpolate."""
    index, offset = 256 + (value >> 7), value & 127
    return table[index] + (((table[index + 1] - table[index]) * offset + 64) >> 7)


def execute(x: np.ndarray, scale: float, axis: int, rule: Rule) -> np.ndarray:
    """Probabilities times 32768, not clamped from above."""
    both = tables().astype(np.int64)
    wide = x.astype(np.int64)
    scaled = factor(scale, rule).apply(wide - wide.max(axis=axis, keepdims=True))
    terms = look_up(np.clip(scaled, -RANGE, 0) + 32767, both[: STEPS + 1])
    total = terms.sum(axis=axis, keepdims=True)
    # The sum is 2**(32 - zeros) * (1 + a) / 2.
    zeros = 32 - np.frexp(total.astype(np.float64))[1].astype(np.int64)
    fraction = ((total << (zeros - 1)) + (1 << 13)) >> 14
    reciprocal = look_up(np.clip(fraction - (1 << 15) - (1 << 16), -32768, 32767), both[STEPS + 1 :])
    shift = 31 - zeros
    return np.maximum((terms * reciprocal + (np.int64(1) << (shift - 1))) >> shift, 0)
