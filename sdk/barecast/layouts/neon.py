"""Constants for the int8 kernels of AArch64: runtime_c/include/barecast/bc_neon.h.

Eight output channels are a block. Their way out of the accumulators, [blocks][2 or 3][8] int32:

    8 biases    8 multipliers    and under TFLite's rules 8 shifts, as SQSHL takes them behind the product

Such a shift is 52 - shift: a step of the output becomes 2**21. Under ONNX's rule all channels share params.shift. Behind
the last channel everything is 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from barecast.layouts.channels import IS_TFLITE, Channels
from barecast.layouts.mve import filled
from barecast.schedule import Const

BLOCK = 8
PIXELS = 8
BAND = 16384
"""Bytes of a band, unless one row of outputs needs more."""


BEHIND = 16
"""Bytes that may be touched behind packed windows and behind a band that they come from."""


def _channels(constants: tuple[Const, ...], params: Any) -> Channels:
    weights = constants[0].data
    return Channels.settled(weights.reshape(len(weights), -1), constants, params)


def _ways_out(channels: Channels, params: Any) -> Const:
    """The blocks described above."""
    rows = [channels.bias, channels.mult]
    if params.ties in IS_TFLITE:
        rows.append(52 - channels.shift)
    packed = filled(np.stack(rows), 1, BLOCK).astype(np.int32)
    return Const("channels", packed.reshape(len(rows), -1, BLOCK).transpose(1, 0, 2))


def shifts_fit(constants: tuple[Const, ...], params: Any) -> bool:
    """Whether a vector sequence is exact in each channel: under TFLite's rules factors are below 1/2. (Under ONNX's the
    kernels have another for larger ones.)"""
    return params.ties not in IS_TFLITE or bool((_channels(constants, params).shift >= 32).all())


def whole_rows(params: Any) -> bool:
    """Whether a row of a window is one stretch of memory: bc_conv2d_neon_whole_rows."""
    return params.groups == 1 and (params.dilation_w == 1 or params.k_w == 1)


def by_rows(params: Any) -> bool:
    """Whether conv2d reads windows row by row where they lie: bc_conv2d_neon_by_rows."""
    row = params.k_w * params.in_c
    return whole_rows(params) and row % 4 == 0 and (params.k_h == 1 or row >= 16)


def padded(params: Any) -> bool:
    return max(params.pad_top, params.pad_left, params.pad_bottom, params.pad_right) > 0


def _words(depth: int) -> int:
    return -(-depth // 4)


def gathered(params: Any) -> int:
    """Bytes of a gathered window, whole words: bc_conv2d_neon_gathered."""
    return 4 * _words(params.k_h * params.k_w * (params.in_c // params.groups))


def _window(params: Any) -> int:
    return (params.k_h - 1) * params.dilation_h + 1


def _line(params: Any) -> int:
    return (params.pad_left + params.in_w + params.pad_right) * params.in_c


def band_rows(params: Any) -> int:
    """Rows of outputs whose windows a band has: bc_conv2d_neon_band."""
    lines = BAND // _line(params)
    rows = (lines - _window(params)) // params.stride_h + 1 if lines > _window(params) else 1
    return min(rows, params.out_h)


def conv2d_scratch(params: Any) -> int:
    """Eight gathered windows, a band, both (with what is read and written behind them), or nothing."""
    if not whole_rows(params):
        return PIXELS * gathered(params)
    band = ((band_rows(params) - 1) * params.stride_h + _window(params)) * _line(params)
    if not by_rows(params):
        return PIXELS * gathered(params) + BEHIND + band + BEHIND
    return band if padded(params) else 0


def dense_scratch(params: Any) -> int:
    return PIXELS * 4 * _words(params.in_c) if params.in_c % 4 else 0


def _fours(rows: np.ndarray) -> np.ndarray:
    """[channels in whole blocks][segments][bytes] to [blocks][words][8][4]."""
    return rows.reshape(len(rows) // BLOCK, BLOCK, -1, 4).transpose(0, 2, 1, 3)


def _filled_rows(rows: np.ndarray, segments: int, depth: int) -> np.ndarray:
    """[channels][any] to int8 [channels in whole blocks][segments][depth / segments], zeros up to `depth`."""
    flat = np.zeros((len(rows), depth), np.int8)
    flat[:, : rows.shape[1]] = rows
    flat = filled(flat, 0, BLOCK)
    return flat.reshape(len(flat), segments, -1)


def _group_order(count: int, groups: int) -> np.ndarray:
    """`count` output channels in whole blocks, group by group; -1 stands for one that a group's last block lacks."""
    return filled(np.arange(count).reshape(groups, -1) + 1, 1, BLOCK).reshape(-1) - 1


def _in_groups(constants: tuple[Const, ...], params: Any) -> Channels:
    channels = _channels(constants, params)
    return channels.taken(_group_order(len(channels.rows), params.groups))


def conv2d_rows(constants: tuple[Const, ...], params: Any) -> np.ndarray:
    """The filters in the order of the windows' bytes, int8 [channels in whole blocks][segments][bytes]: each group is
    filled up to whole blocks, and a gathered window to `gathered` bytes."""
    rows = _in_groups(constants, params).rows
    return _filled_rows(rows, params.k_h, rows.shape[1]) if by_rows(params) else _filled_rows(rows, 1, gathered(params))


def conv2d_ways_out(constants: tuple[Const, ...], params: Any) -> Const:
    """The ways out of these channels, group by group."""
    return _ways_out(_in_groups(constants, params), params)


def dense_ways_out(constants: tuple[Const, ...], params: Any) -> Const:
    """The ways out of the rows' channels."""
    return _ways_out(_channels(constants, params), params)


def dense_rows(constants: tuple[Const, ...], params: Any) -> np.ndarray:
    """As conv2d_rows: one segment, whole words."""
    return _filled_rows(_channels(constants, params).rows, 1, 4 * _words(params.in_c))


def conv2d_fours(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    """(weights [out_c][k_h][k_w][depth], bias, multipliers) to weights int8 [blocks][words][8][4] and the ways out: for
    four bytes of a window the four weights of each channel of a block."""
    return Const("weights", _fours(conv2d_rows(constants, params))), conv2d_ways_out(constants, params)


def dense_fours(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    """(weights [out_c][in_c], bias, multipliers) to weights int8 [blocks][in_c / 4][8][4] and the ways out."""
    return Const("weights", _fours(dense_rows(constants, params))), dense_ways_out(constants, params)
