"""Weights for the int8 kernels of AArch64 without dot products: runtime_c/include/barecast/bc_tile_s8_neon.h.

Blocks, ways out, windows and scratch are those of layouts/neon.py. Four channels are a half of a block; of a segment (a
row of the windows, or a whole one) it has, four channels after each other, all chunks of 16 bytes, then 8 bytes if two
words or three are left, then 4 if one or three are.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from barecast.layouts import neon
from barecast.schedule import Const

HALF = 4
QUADS = 32
"""Bytes of depth that bc_tile_s8_quads_neon.h takes at a time, and the least that it takes at all."""


def conv2d_fits(constants: tuple[Const, ...], params: Any) -> bool:
    """Whether the way out is exact, and no two products leave 16 bits together."""
    packed = neon.conv2d_rows(constants, params)
    return neon.shifts_fit(constants, params) and _pairs_fit(packed)


def dense_fits(constants: tuple[Const, ...], params: Any) -> bool:
    """As conv2d_fits."""
    return neon.shifts_fit(constants, params) and _pairs_fit(neon.dense_rows(constants, params))


def dense_quads_fit(constants: tuple[Const, ...], params: Any) -> bool:
    """As dense_fits, and no four products of two chunks do: bc_tile_s8_quads_neon.h."""
    packed = neon.dense_rows(constants, params)
    return neon.shifts_fit(constants, params) and _pairs_fit(packed) and _together_fit(packed, 4)


def conv2d(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    """(weights [out_c][k_h][k_w][depth], bias, multipliers) to weights as described above, and the ways out."""
    return Const("weights", _halves(neon.conv2d_rows(constants, params))), neon.conv2d_ways_out(constants, params)


def dense(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    """(weights [out_c][in_c], bias, multipliers) to weights as described above, and the ways out."""
    return Const("weights", _halves(neon.dense_rows(constants, params))), neon.dense_ways_out(constants, params)


def _pairs_fit(rows: np.ndarray) -> bool:
    """Whether no pair of weights that are 8 bytes apart in a chunk makes products beyond int16. rows: as `_halves`."""
    return _together_fit(rows, 2)


def _together_fit(rows: np.ndarray, count: int) -> bool:
    """Whether 128 times each `count` weights that are 8 bytes apart, one after another, stays within int16."""
    times = rows.shape[2] // (8 * count)
    lanes = np.abs(rows[:, :, : 8 * count * times].astype(np.int32)).reshape(*rows.shape[:2], times, count, 8).sum(axis=3)
    return bool((lanes <= 255).all())


def _halves(rows: np.ndarray) -> np.ndarray:
    """[channels in whole blocks][segments][bytes] to the order of the tiles, flat."""
    count, segments, size = rows.shape
    halves = rows.reshape(count // HALF, HALF, segments, size)
    parts, at = [], 0
    for width, times in ((16, size // 16), (8, size % 16 // 8), (4, size % 8 // 4)):
        part = halves[..., at : at + width * times].reshape(count // HALF, HALF, segments, times, width)
        parts.append(part.transpose(0, 2, 3, 1, 4).reshape(count // HALF, segments, -1))
        at += width * times
    return np.concatenate(parts, axis=2).reshape(-1)
