"""Constants as CMSIS-NN's functions take them, from those of barecast's own calls."""

from __future__ import annotations

from typing import Any

import numpy as np

from barecast.numerics.fixed_point import TFLITE_SINGLE, TFLITE_WIDE
from barecast.schedule import Const

Constants = tuple[Const, ...]

EXPONENTS = (-30, 30)
"""The smallest and the largest power of two of a factor that the library shifts by."""


def factors(table: np.ndarray, params: Any, channels: int) -> tuple[np.ndarray, np.ndarray]:
    """(multiplier, exponent), each int64 [channels] or [1]: factor = multiplier * 2**(exponent - 31).

    The 15 bits of TFLITE_WIDE are the upper ones: the library rounds them off from 31.
    """
    table = table.astype(np.int64)
    multiplier, shift = (
        (table[:channels], table[channels:]) if params.per_channel else (table, np.array([params.shift]))
    )
    if params.ties == TFLITE_WIDE:
        return multiplier << 16, 15 - shift
    return multiplier, 31 - shift


def _factor_constants(table: np.ndarray, params: Any, channels: int, each: bool) -> Constants:
    numbers = factors(table, params, channels)
    if each:
        numbers = tuple(np.broadcast_to(values, (channels,)) for values in numbers)
    return tuple(Const(role, v.astype(np.int32)) for role, v in zip(("multiplier", "shift"), numbers, strict=True))


def fits(constants: Constants, params: Any, *, reach: int, channel_axis: int = 0) -> bool:
    """Whether the library has a shift for every exponent, and no number on the way leaves 32 bits.

    reach: the largest magnitude of x, 128 or 32768. channel_axis: the output channels' in the weights. The library
    shifts to the left before it multiplies, one bit more where it rounds once only; of 64 bits it takes the lower 32
    before the last bit is rounded off.
    """
    weights, bias, table = (constant.data for constant in constants)
    multiplier, exponent = factors(table, params, params.out_c)
    if (exponent < EXPONENTS[0]).any() or (exponent > EXPONENTS[1]).any():
        return False
    taps = tuple(axis for axis in range(weights.ndim) if axis != channel_axis)
    bound = np.abs(bias.astype(np.float64)) + float(reach) * np.abs(weights.astype(np.int64)).sum(axis=taps)
    if params.ties == TFLITE_WIDE:
        most = bound * (multiplier >> 16) / 2.0 ** (14 - exponent)
    else:
        left = np.maximum(exponent, 0) + (exponent >= 0) * (params.ties == TFLITE_SINGLE)
        most = np.where(left == 0, 0.0, bound * 2.0**left)
    return bool((most < 2.0**31 - 1).all())


def conv2d(constants: Constants, params: Any) -> Constants:
    """Weights [out, height, width, in], the model's own bias, a multiplier and an exponent a channel."""
    return _windows(constants, params, (1, 2, 3))


def dwconv2d(constants: Constants, params: Any) -> Constants:
    """Weights [height, width, out], else as conv2d."""
    return _windows(constants, params, (0, 1))


def _windows(constants: Constants, params: Any, taps: tuple[int, ...]) -> Constants:
    """The library adds the offset of x to each element, so it is taken out of the bias again."""
    weights, bias, table = (constant.data for constant in constants)
    own = bias + params.x_zero * weights.astype(np.int64).sum(axis=taps)
    return (
        constants[0],
        Const("bias", own.astype(bias.dtype)),
        *_factor_constants(table, params, params.out_c, each=True),
    )


def dense(constants: Constants, params: Any) -> Constants:
    """Weights [out, in], the bias with the zero point of x folded in, one factor or one a channel."""
    weights, bias, table = constants
    return (weights, bias, *_factor_constants(table.data, params, params.out_c, each=False))


def none(constants: Constants, params: Any) -> Constants:
    """The function computes what the call's constants are for from its params."""
    return ()
