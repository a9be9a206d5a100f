"""Weights for the int8 kernels of Armv7-A: runtime_c/include/barecast/bc_tile_s8_a32_neon.h.

Blocks, ways out, windows and scratch are those of layouts/neon.py. Four channels are a half of a block; of a segment (a
row of the windows, or a whole one) it has, four channels after each other, all chunks of 32 bytes, then 16 bytes if so
many are left, then what is left behind these, 16 bytes with zeros in between: eight bytes, or zeros; four, or zeros;
zeros. Where 32 bytes are all that there is, they are twice 16.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from barecast.layouts import neon
from barecast.schedule import Const

HALF = 4
PAIR = 16


def conv2d_fits(constants: tuple[Const, ...], params: Any) -> bool:
    """Whether the way out is exact, and no two products leave 16 bits together."""
    return neon.shifts_fit(constants, params) and _pairs_fit(neon.conv2d_rows(constants, params))


def dense_fits(constants: tuple[Const, ...], params: Any) -> bool:
    """As conv2d_fits."""
    return neon.shifts_fit(constants, params) and _pairs_fit(neon.dense_rows(constants, params))


def conv2d(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    """(weights [out_c][k_h][k_w][depth], bias, multipliers) to weights as described above, and the ways out."""
    return Const("weights", _halves(neon.conv2d_rows(constants, params))), neon.conv2d_ways_out(constants, params)


def dense(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    """(weights [out_c][in_c], bias, multipliers) to weights as described above, and the ways out."""
    return Const("weights", _halves(neon.dense_rows(constants, params))), neon.dense_ways_out(constants, params)


def _pairs_fit(rows: np.ndarray) -> bool:
    """Whether 128 times the two weights that meet in a lane stay within int16. rows: as `_padded`."""
    padded = np.abs(_padded(rows).astype(np.int32))
    return bool((padded.reshape(-1, 2, PAIR // 2).sum(axis=1) <= 255).all())


def _padded(rows: np.ndarray) -> np.ndarray:
    """[channels][segments][bytes] with the zeros that are described above: pairs of eight bytes."""
    count, segments, size = rows.shape
    whole, rest = size - size % PAIR, size % PAIR
    if not rest:
        return rows
    padded = np.zeros((count, segments, whole + PAIR), np.int8)
    padded[..., :whole] = rows[..., :whole]
    eight = rest // 8 * 8
    padded[..., whole : whole + eight] = rows[..., whole : whole + eight]
    padded[..., whole + 8 : whole + 8 + rest - eight] = rows[..., whole + eight :]
    return padded


def _halves(rows: np.ndarray) -> np.ndarray:
    """[channels in whole blocks][segments][bytes] to the order of the tiles, flat."""
    padded = _padded(rows)
    count, segments, size = padded.shape
    halves = padded.reshape(count // HALF, HALF, segments, size)
    parts, at, chunks = [], 0, 0 if segments == 1 and size <= 32 else rows.shape[2] // 32
    for width, times in ((32, chunks), (PAIR, size // PAIR - 2 * chunks)):
        part = halves[..., at : at + width * times].reshape(count // HALF, HALF, segments, times, width)
        parts.append(part.transpose(0, 2, 3, 1, 4).reshape(count // HALF, segments, -1))
        at += width * times
    return np.concatenate(parts, axis=2).reshape(-1)
