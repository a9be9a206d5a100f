"""Logistic and tanh of 16-bit numbers as TensorFlow Lite's integer kernels compute them: one table, interpolated.

Twin of runtime_c/include/barecast/bc_curves16.h. Outputs have 15 fraction bits; inputs are brought to three times a
number with 12 fraction bits first (UNIT), which is what the table is indexed with. The table has the
logistic function at multiples of 1/24 with 16 fraction bits; both functions are symmetric, so half of the curve
serves, and tanh(x) = 2 * logistic(2 * x) - 1.
"""

from __future__ import annotations

from functools import cache

import numpy as np

STEPS = 24
"""Table entries in an interval of length 1."""


UNIT = 3 << 12
"""1, in the steps of a number that is looked up."""


@cache
def table() -> np.ndarray:
    """256 entries less 2**15, int16.

    A chord lies below the curve, so the entries are raised by half of how much it does in the middle of a step: that
    makes TensorFlow Lite's table, but for its last entry, which is the largest number that 16 bits hold.
    """

    def curve(at: np.ndarray) -> np.ndarray:
        return 65536 / (1 + np.exp(-at / STEPS))

    at = np.arange(256, dtype=np.float64)
    chord = (curve(at - 0.5) + curve(at + 0.5)) / 2
    entries = np.rint(curve(at) + (curve(at) - chord) / 2)
    entries[255] = 65535
    found = (entries - 32768).astype(np.int16)
    found.flags.writeable = False
    return found


def _interpolated(size: np.ndarray, bits: int) -> np.ndarray:
    """The table at size / 2**bits, with 16 + bits fraction bits; sizes beyond its end must be dealt with outside."""
    entries = table().astype(np.int64) + 32768
    at = np.minimum(size >> bits, 254)
    return (entries[at] << bits) + (size & ((1 << bits) - 1)) * (entries[at + 1] - entries[at])


def logistic(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)): int16 with 12 fraction bits to int16 with 15."""
    return logistic_of(np.asarray(x, np.int64) * 3)


def logistic_of(moved: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-moved / UNIT)), int16 with 15 fraction bits."""
    size = np.abs(moved)
    value = np.where(size >> 9 >= 255, 0x7FFF << 10, _interpolated(size, 9))
    return (np.where(moved >= 0, value + 512, (1 << 25) - value + 511) >> 10).astype(np.int16)


def tanh_factor(fraction_bits: int) -> tuple[int, int]:
    """(multiplier, shift) that bring a number with so many fraction bits (0 to 15) to the table's steps."""
    return (3, fraction_bits - 12) if fraction_bits > 12 else (3 << (12 - fraction_bits), 0)


def tanh(x: np.ndarray, fraction_bits: int = 12) -> np.ndarray:
    """tanh(x): int16 with `fraction_bits` fraction bits to int16 with 15."""
    multiplier, shift = tanh_factor(fraction_bits)
    half = 1 << (shift - 1) if shift else 0
    return tanh_of((np.asarray(x, np.int64) * multiplier + half) >> shift)


def tanh_of(moved: np.ndarray) -> np.ndarray:
    """tanh(moved / UNIT), int16 with 15 fraction bits."""
    size = np.abs(moved)
    value = np.where(size >> 8 >= 255, 0xFFFF << 8, _interpolated(size, 8))
    return (np.where(moved >= 0, value - (1 << 23) + 128, (1 << 23) - value + 127) >> 8).astype(np.int16)
