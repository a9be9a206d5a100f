"""Constants for the kernels of the DSP extension with int16 activations: bc_tile_dsp.h, bc_dense_dsp.h, bc_plane_dsp.h.

`narrow` is the layout of sdk/barecast/layouts/dsp.py, but for the pairs: x is read as it lies in memory, so these are
numbers (0, 1), (2, 3) ... of a segment, a last one alone with a weight of 0 beside it.

`long`, for sums of 64 bits: a tile (outputs 0 to 3) is

    conv2d: 4 words of 0   what the accumulators of a block begin with
    2 words a pair         the weights; if acc_wide, the next block begins every LONG_PAIRS pairs
    4 times 4 words        bias (low, high), multiplier, shift of each output
"""

from __future__ import annotations

from typing import Any

import numpy as np

from barecast.layouts import dsp, int16
from barecast.layouts.channels import Channels
from barecast.schedule import Const

LONG_PAIRS = 128
"""The most pairs whose products fit 32 bits whatever they are; bc_dsp.h has the same."""


def in_line(length: int) -> np.ndarray:
    """As dsp.pair_order."""
    return np.pad(np.arange(length), (0, length % 2), constant_values=-1).reshape(-1, 2)


def _conv2d_rows(constants: tuple[Const, ...], params: Any) -> np.ndarray:
    return constants[0].data.reshape(params.out_c, *dsp.segments(params))


def _dense_rows(constants: tuple[Const, ...], params: Any) -> np.ndarray:
    """[out, 1, in_c], filled with zeros to whole groups of four."""
    weights = constants[0].data
    return np.pad(weights, ((0, 0), (0, -weights.shape[1] % 4)))[:, None, :]


def _narrow(channels: Channels, params: Any) -> tuple[Const, ...]:
    factors = dsp.rescale(channels, int16.narrow_rule(params))
    return dsp.tiles(channels.rows, channels.bias, factors, False, params.per_channel, in_line)


def conv2d_narrow_fits(constants: tuple[Const, ...], params: Any) -> bool:
    return int16.narrow_fits(int16.narrow(_conv2d_rows(constants, params), constants, params), params)


def conv2d_narrow(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    channels = int16.narrow(_conv2d_rows(constants, params), constants, params)
    return dsp.joined(_narrow(group, params) for group in channels.groups(params.groups))


def dense_narrow_fits(constants: tuple[Const, ...], params: Any) -> bool:
    return int16.narrow_fits(int16.narrow(_dense_rows(constants, params), constants, params), params)


def dense_narrow(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    return _narrow(int16.narrow(_dense_rows(constants, params), constants, params), params)


def conv2d_long(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    rows = np.split(_conv2d_rows(constants, params), params.groups)
    channels = np.split(int16.long_rows(constants, params), params.groups)
    return dsp.joined(_long(*group, params, starts=4) for group in zip(rows, channels, strict=True))


def dense_long(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    return _long(_dense_rows(constants, params), int16.long_rows(constants, params), params, starts=0)


def _long(rows: np.ndarray, ways_out: np.ndarray, params: Any, starts: int) -> tuple[Const, ...]:
    words = dsp.tile_words(dsp.in_tiles(dsp.in_pairs(rows, in_line)))
    channels = dsp.in_tiles(ways_out).reshape(len(words), -1)
    step = 2 * LONG_PAIRS if params.acc_wide else words.shape[1]
    first = np.zeros((len(words), starts), np.int32)
    parts = [part for at in range(0, words.shape[1], step) for part in (first, words[:, at : at + step])]
    return (Const("weights", np.concatenate([*parts, channels], axis=1).astype(np.int32).reshape(-1)),)


def _dwconv2d_channels(constants: tuple[Const, ...], params: Any) -> Channels:
    """rows: [out, k_w, k_h]."""
    return int16.narrow(constants[0].data.transpose(2, 1, 0), constants, params)


def dwconv2d_fits(constants: tuple[Const, ...], params: Any) -> bool:
    return int16.narrow_fits(_dwconv2d_channels(constants, params), params)


def dwconv2d_k3x3(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    """As dsp.dwconv2d_k3x3."""
    return dsp.k3x3_words(_dwconv2d_channels(constants, params), int16.narrow_rule(params))


def dwconv2d_any_window(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    """As dsp.dwconv2d_any_window."""
    return dsp.window_words(_dwconv2d_channels(constants, params), int16.narrow_rule(params))
