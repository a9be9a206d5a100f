"""Constants for the int8 kernels of AArch64 with SMMLA: runtime_c/include/barecast/bc_tile_i8mm.h.

The ways out are those of all int8 kernels of AArch64 (neon.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from barecast.layouts import neon
from barecast.schedule import Const

DEPTH = 8
"""Bytes of two pixels and of two channels that SMMLA multiplies."""

ORDER = (0, 2, 1, 3, 4, 6, 5, 7)
"""Of a block's channels: those whose results TRN2 puts in a row are 0 2 and 1 3."""


def pays(pixels: int, outputs: int, depth: int) -> bool:
    """Whether SMMLA is ahead of SDOT for so many pixels or rows, outputs and products each, in estimated cycles on
    Cortex-A710: of eight pixels a block of channels gains as many as there are products and loses 14 in a longer way
    out, and laying the windows side by side takes 1.4 for each product (MobileNetV2's layers by either kernel)."""
    blocks = -(-outputs // neon.BLOCK)
    return pixels > 1 and 5 * blocks * (depth - 14) > 7 * depth


def _whole(size: int) -> int:
    return -(-size // DEPTH) * DEPTH


def _eights(rows: np.ndarray) -> Const:
    """[channels in whole blocks][segments][bytes] to int8 [blocks][eights][8][8], each segment in whole eights."""
    filled = np.pad(rows, ((0, 0), (0, 0), (0, -rows.shape[2] % DEPTH)))
    blocks = filled.reshape(len(rows) // neon.BLOCK, neon.BLOCK, -1, DEPTH)
    return Const("weights", blocks[:, ORDER].transpose(0, 2, 1, 3))


def conv2d(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    """(weights [out_c][k_h][k_w][in_c], bias, multipliers) to weights int8 [blocks][eights][8][8], for eight bytes of a
    window the eight weights of each channel of a block, and the ways out."""
    return _eights(neon.conv2d_rows(constants, params)), neon.conv2d_ways_out(constants, params)


def dense(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    """(weights [out_c][in_c], bias, multipliers) to the same."""
    return _eights(neon.dense_rows(constants, params)), neon.dense_ways_out(constants, params)


def conv2d_scratch(params: Any) -> int:
    """Eight windows side by side, and what the drive wants."""
    p = params
    window = p.k_h * _whole(p.k_w * p.in_c) if neon.by_rows(p) else _whole(neon.gathered(p))
    return neon.PIXELS * window + neon.conv2d_scratch(p)


def dense_scratch(params: Any) -> int:
    return neon.PIXELS * _whole(params.in_c) + neon.dense_scratch(params)
