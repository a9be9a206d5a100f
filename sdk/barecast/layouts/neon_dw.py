"""Weights for the int8 kernels of depthwise convolutions with NEON: runtime_c/include/barecast/bc_dwconv2d_neon.h, and
bc_dwconv2d_row_dotprod.h beside it for dot products.

Eight channels are a block. Where their number is no multiple of eight the last block has the last eight channels, some
of which are in the block before it, too. Ways out of the accumulators are those of sdk/barecast/layouts/neon.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from barecast.layouts import overlap
from barecast.layouts.channels import IS_TFLITE, Channels
from barecast.layouts.neon import BLOCK
from barecast.numerics.fixed_point import TFLITE, TFLITE_SINGLE
from barecast.schedule import Const

LEAST_SHIFT = {0: 32, TFLITE: 31, TFLITE_SINGLE: 32}
"""With which a vector sequence is exact, by `ties`."""


def _channels(constants: tuple[Const, ...], params: Any) -> Channels:
    return Channels.settled(np.moveaxis(constants[0].data, 2, 0), constants, params)


def vector_rounding(params: Any) -> bool:
    """Whether ONNX's rule has a vector sequence (or the rule is another one): no ties, factors below 1/2."""
    return params.ties in IS_TFLITE or (not params.ties and params.shift >= LEAST_SHIFT[0])


def shifts_fit(constants: tuple[Const, ...], params: Any) -> bool:
    """Whether that is so in each channel: under TFLite's rules nothing is shifted left."""
    return bool((_channels(constants, params).shift >= LEAST_SHIFT[params.ties]).all())


def _blocks(values: np.ndarray) -> np.ndarray:
    """[channels][...] to [blocks][8][...]."""
    first = np.minimum(np.arange(0, len(values), BLOCK), len(values) - BLOCK)
    return values[first[:, None] + np.arange(BLOCK)]


def _ways_out(channels: Channels, params: Any) -> Const:
    """[blocks][bias, multiplier (, -right)][8] int32: barecast.layouts.neon."""
    rows = [channels.bias, channels.mult]
    if params.ties in IS_TFLITE:
        rows.append(31 - channels.shift)
    return Const("channels", _blocks(np.stack(rows, 1)).transpose(0, 2, 1).astype(np.int32))


def columns(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    """(weights [3][3][channels], bias, multipliers) to weights int8 [blocks][1 or 2 rows][3 columns][8][4] and the ways
    out.

    Four bytes meet four lines of a column. With a stride of 1 the upper row of results does without the last one, the
    lower one without the first. With a stride of 2 the last byte of the second column is the third column's last line.
    """
    channels = _channels(constants, params)
    taps = channels.rows.astype(np.int8)
    if params.stride_h == 1:
        words = np.zeros((len(taps), 2, 3, 4), np.int8)
        words[:, 0, :, :3] = words[:, 1, :, 1:] = taps.transpose(0, 2, 1)
    else:
        words = np.zeros((len(taps), 1, 3, 4), np.int8)
        words[:, 0, :, :2] = taps.transpose(0, 2, 1)[:, :, :2]
        words[:, 0, 0, 3] = taps[:, 2, 0]
        words[:, 0, 1, 2:] = taps[:, 2, 1:]
    return Const("weights", _blocks(words).transpose(0, 2, 3, 1, 4)), _ways_out(channels, params)


def taps(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    """(weights [k_h][k_w][channels], bias, multipliers) to weights int8 [blocks][k_h * k_w][8] and the ways out."""
    channels = _channels(constants, params)
    return Const("weights", _blocks(_flat(channels).astype(np.int8)).transpose(0, 2, 1)), _ways_out(channels, params)


def pairs_fit(constants: tuple[Const, ...], params: Any) -> bool:
    """Whether two products fit 16 bits: those of -128 and -128 twice do not. And the rounding is exact."""
    rows = _flat(_channels(constants, params))
    lowest = rows[:, : rows.shape[1] // 2 * 2].reshape(len(rows), -1, 2).sum(axis=2)
    return bool((lowest > -256).all()) and shifts_fit(constants, params)


def _flat(channels: Channels) -> np.ndarray:
    """[channels][taps]"""
    return channels.rows.reshape(len(channels.rows), -1)


def blocks(params: Any) -> bool:
    """Whether eight channels are done at a time, one output each."""
    p = params
    return p.depth_multiplier == 1 and p.in_c >= BLOCK and not p.w_wide and vector_rounding(p)


def by_rows(params: Any) -> bool:
    """Whether rows of 3x3 windows can go by column: a step of 1 or 2, a column of padding on either side at most."""
    p = params
    beyond = (p.out_w - 1) * p.stride_w + 3 - p.pad_left - p.in_w
    small = p.k_h == p.k_w == 3 and p.dilation_h == p.dilation_w == 1
    return small and p.stride_w <= 2 and p.pad_left <= 1 and beyond <= 1


def by_dots(params: Any) -> bool:
    """Whether the kernel for dot products takes them."""
    return blocks(params) and by_rows(params) and params.stride_h == params.stride_w


def dots_overlap(params: Any) -> int:
    """Two rows of results are written while their lines are read, or one where the stride is 2."""
    return overlap.of_lines(params, 2 if params.stride_h == 1 else 1, read_first=False)


def taps_overlap(params: Any) -> int:
    """Rows, or pixels, are written while their windows are read."""
    if by_rows(params):
        return overlap.of_lines(params, 1, read_first=False)
    return overlap.of_windows(params, 1, read_first=False)


def taps_scratch(params: Any) -> int:
    """A line on padding; or pointers to a window's taps, of 8 bytes at most, and a pixel on padding."""
    return params.in_c * params.in_w if by_rows(params) else 8 * params.k_h * params.k_w + params.in_c
