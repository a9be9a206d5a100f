"""Constants for the kernels of Helium (MVE) with int16 activations: runtime_c/include/barecast/bc_mve.h."""

from __future__ import annotations

from typing import Any

import numpy as np

from barecast.layouts import int16, mve
from barecast.layouts.channels import Channels
from barecast.schedule import Const

LANES = 8
"""int16 products of one VMLADAV."""


def lanes(depth: int) -> int:
    """The depth, rounded up to whole chunks of 8."""
    return -(-depth // LANES) * LANES


def _rows(constants: tuple[Const, ...]) -> np.ndarray:
    """Weights [out_c][...] as [out_c, depth]."""
    weights = constants[0].data
    return weights.reshape(len(weights), -1)


def _chunks(rows: np.ndarray) -> Const:
    """[channels of whole quads, depth] to int8 [quads][chunks][4][8], zeros behind the last product."""
    padded = mve.filled(rows, 1, LANES).astype(np.int8)
    return Const("weights", padded.reshape(-1, mve.QUAD, padded.shape[1] // LANES, LANES).transpose(0, 2, 1, 3))


def dots_narrow_fit(constants: tuple[Const, ...], params: Any) -> bool:
    return int16.narrow_fits(int16.narrow(_rows(constants), constants, params), params)


def dots_narrow(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    """As mve.dots with chunks of 8 products."""
    channels = int16.narrow(_rows(constants), constants, params)
    channels = channels.taken(mve.group_order(len(channels.rows), params))
    return _chunks(channels.rows), mve.ways_out(channels, int16.narrow_rule(params))


def dots_long(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    """The same weights, and channels [quads][bias low, bias high, multiplier, shift][4]."""
    # The zeros behind the last channel are what -1 takes.
    words, rows = (np.pad(a, ((0, 1), (0, 0))) for a in (int16.long_rows(constants, params), _rows(constants)))
    order = mve.group_order(len(rows) - 1, params)
    words, rows = words[order], rows[order]
    return _chunks(rows), Const("channels", words.reshape(-1, mve.QUAD, 4).transpose(0, 2, 1))


def _dwconv2d_channels(constants: tuple[Const, ...], params: Any) -> Channels:
    """rows: [channels, k_h, k_w]."""
    return int16.narrow(np.moveaxis(constants[0].data, 2, 0), constants, params)


def dwconv2d_fits(constants: tuple[Const, ...], params: Any) -> bool:
    return int16.narrow_fits(_dwconv2d_channels(constants, params), params)


def dwconv2d(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    """Weights int8 [eights][k_h][k_w][8]; channels [eights][bias, multiplier, right][even, odd][4], zeros at the end."""
    channels = _dwconv2d_channels(constants, params)
    rows = mve.filled(channels.rows, 0, LANES).astype(np.int8)
    eights = rows.reshape(-1, LANES, *rows.shape[1:]).transpose(0, 2, 3, 1)
    quads = mve.ways_out(channels, int16.narrow_rule(params)).data
    flat = mve.filled(quads, 0, 2).reshape(-1, 2, 3, mve.QUAD)
    by_channel = flat.transpose(0, 2, 1, 3).reshape(-1, 3, mve.QUAD, 2)
    return Const("weights", eights), Const("channels", by_channel.transpose(0, 1, 3, 2))
