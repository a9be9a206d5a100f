"""Output channels of a call with int16 activations, for kernels whose sums have 32 bits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from barecast.layouts.channels import Channels
from barecast.numerics.fixed_point import TFLITE, TFLITE_SINGLE, TFLITE_WIDE
from barecast.schedule import Const

CUT_BITS = 16
"""What TFLITE_WIDE leaves off a multiplier."""


def narrow_rule(params: Any) -> Any:
    """The params with the rule of `narrow`: 64-bit accumulators round once, as TFLITE_SINGLE does."""
    return replace(params, ties=TFLITE_SINGLE) if params.ties == TFLITE_WIDE else params


def narrow(rows: np.ndarray, constants: tuple[Const, ...], params: Any) -> Channels:
    """From a call's (weights, bias, multipliers), the weights with the output channel first, under narrow_rule:
    a multiplier of 15 bits and its shift are 16 bits more, which is the same factor.

    With a scale for each channel, those that do not fit by themselves and whose output does not depend on x get weights
    of 0, and a bias and a factor from the middle of their ranges that give the same output.
    """
    _, bias, table = (constant.data for constant in constants)
    given = Channels.of(rows, bias, table, params)
    if params.per_channel:
        given = _with_constants_small(given, params)
    if params.ties != TFLITE_WIDE:
        return given
    return replace(given, mult=given.mult << CUT_BITS, shift=given.shift + CUT_BITS)


def narrow_fits(channels: Channels, params: Any) -> bool:
    """Whether the sums of `narrow`, bias included, fit 32 bits, and the ways out are right shifts of a product's high
    word, exact in bc_dsp_rescale and bc_mve.h."""
    return params.y_zero == 0 and bool(_fit(channels, narrow_rule(params).ties).all())


def _fit(channels: Channels, ties: int) -> np.ndarray:
    """Channel by channel. Two roundings double the accumulator first. Shifts end where 2**(shift - 33) is 2**29."""
    low, most = {TFLITE: (32, 2**30), TFLITE_SINGLE: (33, 2**31)}.get(ties, (64, 0))
    return (_largest(channels) < most) & (channels.shift >= low) & (channels.shift <= low + 29)


def _largest(channels: Channels) -> np.ndarray:
    """A bound of each accumulator's magnitude."""
    return np.abs(channels.bias) + (np.abs(channels.rows.reshape(len(channels.rows), -1)).sum(axis=1) << 15)


def _with_constants_small(channels: Channels, params: Any) -> Channels:
    wide, flat = params.ties == TFLITE_WIDE, channels.rows.reshape(len(channels.rows), -1)
    moved = CUT_BITS if wide else 0
    fits = _fit(replace(channels, shift=channels.shift + moved), narrow_rule(params).ties)
    if fits.all():
        return channels
    low = channels.bias + np.minimum(flat * -32768, flat * 32767).sum(axis=1)
    high = channels.bias + np.maximum(flat * -32768, flat * 32767).sum(axis=1)
    value = channels.outputs(low, params)
    # Rounding is monotone where no quotient wraps and no shift to the left loses bits.
    whole = (np.maximum(np.abs(low), np.abs(high)) * channels.mult >> channels.shift) < 2**30
    chosen = ~fits & whole & (channels.shift + moved >= 31) & (value == channels.outputs(high, params))
    bias, mult, shift = (value - params.y_zero) * 2**4, 2 ** (30 - moved), 34 - moved
    return Channels(
        np.where(chosen.reshape(-1, *[1] * (channels.rows.ndim - 1)), 0, channels.rows),
        np.where(chosen, bias, channels.bias),
        np.where(chosen, mult, channels.mult),
        np.where(chosen, shift, channels.shift),
    )


def long_rows(constants: tuple[Const, ...], params: Any) -> np.ndarray:
    """Bias of 64 bits (low word first), multiplier and shift of each output, int32 [out_c, 4]."""
    _, bias, table = (constant.data for constant in constants)
    channels = Channels.of(np.zeros((params.out_c, 0)), bias, table, params)
    words = np.ascontiguousarray(channels.bias.astype("<i8")).view("<i4").reshape(-1, 2)
    return np.concatenate([words, np.stack([channels.mult, channels.shift], axis=1).astype(np.int32)], axis=1)
