"""Constants for the float32 kernels with NEON: runtime_c/include/barecast/bc_tile_f32_neon.h."""

from __future__ import annotations

from typing import Any

import numpy as np

from barecast.layouts import overlap
from barecast.layouts.mve import filled
from barecast.schedule import Const

QUAD = 4
TOGETHER = 64
"""BC_F32_NEON_TOGETHER."""

BYTES = 16384
"""BC_CONV2D_F32_NEON_BYTES."""

WIDTHS = (16, 8, 4)


def both_constant(constants: tuple[Const, ...], params: Any) -> bool:
    """Whether the bias is known too: it is packed with the weights."""
    return len(constants) == 2


def tiles_of(rows: np.ndarray) -> np.ndarray:
    """[channels][depth] to tiles of 16 channels, then of 8 and of 4, each [depth][channels]; zeros stand for the up to 3
    channels that the last quad lacks. One array, tile by tile."""
    count, rows = len(rows), filled(rows, 0, QUAD)
    tiles, first = [], 0
    for width in WIDTHS:
        while (len(rows) if width == QUAD else count) - first >= width:
            tiles.append(rows[first : first + width].T.reshape(-1))
            first += width
    return np.concatenate(tiles)


def tiles(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    """(weights float32 [out_c][...], bias) to tiles and the bias in whole fours; the depth is all axes but the first."""
    weights, bias = constants
    rows = weights.data.reshape(len(weights.data), -1)
    return Const("weights", tiles_of(rows)), Const("bias", filled(bias.data, 0, QUAD))


def padded(params: Any) -> bool:
    return max(params.pad_top, params.pad_left, params.pad_bottom, params.pad_right) > 0


def pointwise(params: Any) -> bool:
    return params.k_h == params.k_w == 1 and not padded(params)


def by_rows(params: Any) -> bool:
    """Whether conv2d reads windows row by row where they lie: bc_conv2d_f32_neon_by_rows."""
    return params.dilation_w == 1 or params.k_w == 1


def _gathered(params: Any) -> int:
    return params.k_h * params.k_w * params.in_c


def _together(params: Any) -> int:
    return min(TOGETHER, 4 * max(1, BYTES // 16 // _gathered(params)))


def _line(params: Any) -> int:
    return (params.pad_left + params.in_w + params.pad_right) * params.in_c


def _window(params: Any) -> int:
    return (params.k_h - 1) * params.dilation_h + 1


def _band(params: Any) -> int:
    """Rows of outputs whose windows a band has."""
    p = params
    lines = BYTES // 4 // _line(p)
    return min((lines - _window(p)) // p.stride_h + 1 if lines > _window(p) else 1, p.out_h)


def conv2d_scratch(params: Any) -> int:
    """A band of lines, the windows that are gathered together, or nothing."""
    if not by_rows(params):
        return 4 * _together(params) * _gathered(params)
    if not padded(params):
        return 0
    return 4 * ((_band(params) - 1) * params.stride_h + _window(params)) * _line(params)


def conv2d_overlap(params: Any) -> int:
    """Bands and gathered windows are read before their results are written; what is read where it lies is not."""
    p = params
    if not by_rows(p):
        return 4 * overlap.of_windows(p, _together(p), read_first=True, of_one_image=True)
    if padded(p):
        return 4 * overlap.of_lines(p, _band(p), read_first=True)
    flat = pointwise(p) and p.stride_h == p.stride_w == 1
    return 4 * overlap.of_windows(p, TOGETHER, read_first=False, of_one_image=not flat)


def dwconv2d_overlap(params: Any) -> int:
    """3x3 windows may be taken by rows, eight channels after the other; others are taken pixel by pixel."""
    if params.k_h == params.k_w == 3:
        return 4 * overlap.of_lines(params, 1, read_first=False)
    return 4 * overlap.of_windows(params, 1, read_first=False)
