"""Constants for the kernels of Helium (MVE): runtime_c/include/barecast/bc_mve.h.

Four output channels are a quad. Their way out of the accumulators, [quads][2 or 3][4] int32:

    4 biases    4 multipliers    and under TFLite's rules 4 shifts, as VRSHL takes them: negative for right

A shift is that behind the high word: 31 - shift behind VQRDMULH (ties 2), 32 - shift behind VMULH (ties 3). Under
ONNX's rule all channels share params.shift. Behind the last channel everything is 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from barecast.layouts.channels import IS_TFLITE, Channels
from barecast.numerics.fixed_point import TFLITE, TFLITE_SINGLE
from barecast.schedule import Const

QUAD = 4
LANES = 16
"""int8 products of one VMLADAV."""


def lanes(depth: int) -> int:
    """The depth, rounded up to whole chunks of 16."""
    return -(-depth // LANES) * LANES


def filled(array: np.ndarray, axis: int, multiple: int) -> np.ndarray:
    """The array with zeros behind its end up to a multiple."""
    more = [(0, 0)] * array.ndim
    more[axis] = (0, -array.shape[axis] % multiple)
    return np.pad(array, more)


def ways_out(channels: Channels, params: Any) -> Const:
    """The quads described above."""
    rows = [channels.bias, channels.mult]
    if params.ties in IS_TFLITE:
        rows.append((31 if params.ties == TFLITE else 32) - channels.shift)
    packed = filled(np.stack(rows), 1, QUAD).astype(np.int32)
    return Const("channels", packed.reshape(len(rows), -1, QUAD).transpose(1, 0, 2))


def vector_rounding(params: Any) -> bool:
    """Whether ONNX's rule has a vector sequence (or the rule is another one): no ties, high words only."""
    return params.ties in IS_TFLITE or (not params.ties and params.shift >= 33)


LEAST_SHIFT = {0: 33, TFLITE: 31, TFLITE_SINGLE: 33}


def shift_fits(ties: int, shift: int) -> bool:
    """Whether a vector sequence is exact for one shift."""
    return ties in LEAST_SHIFT and shift >= LEAST_SHIFT[ties]


def _shifts_fit(channels: Channels, params: Any) -> bool:
    """Whether a vector sequence is exact in each channel: under TFLite's rules nothing is shifted left."""
    least = {TFLITE: 31, TFLITE_SINGLE: 33}.get(params.ties, 0)
    return bool((channels.shift >= least).all())


def _dot_channels(constants: tuple[Const, ...], params: Any) -> Channels:
    weights = constants[0].data
    return Channels.settled(weights.reshape(len(weights), -1), constants, params)


def dots_fit(constants: tuple[Const, ...], params: Any) -> bool:
    return _shifts_fit(_dot_channels(constants, params), params)


def group_order(count: int, params: Any) -> np.ndarray:
    """`count` output channels in whole quads, group by group; -1 stands for one that a group's last quad lacks."""
    order = np.arange(count).reshape(getattr(params, "groups", 1), -1)
    return filled(order + 1, 1, QUAD).reshape(-1) - 1


def dots(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    """(weights [out_c][...], bias, multipliers) to weights int8 [quads][chunks][4][16] and the ways out.

    All axes of the weights but the first are the depth, cut into chunks of 16 products, with zeros behind the last:

        channel 0: products 0 .. 15     channel 1: products 0 .. 15     channel 2: ...    channel 3: ...
        channel 0: products 16 .. 31    ...

    Each group of a convolution is filled up to whole quads.
    """
    channels = _dot_channels(constants, params)
    channels = channels.taken(group_order(len(channels.rows), params))
    padded = filled(channels.rows, 1, LANES).astype(np.int8)
    chunks = padded.reshape(-1, QUAD, padded.shape[1] // LANES, LANES).transpose(0, 2, 1, 3)
    return Const("weights", chunks), ways_out(channels, params)


def _walk_channels(constants: tuple[Const, ...], params: Any) -> Channels:
    rows = np.moveaxis(constants[0].data, 2, 0)
    return Channels.settled(rows, constants, params)


def walks_fit(constants: tuple[Const, ...], params: Any) -> bool:
    return _shifts_fit(_walk_channels(constants, params), params)


def walks_down(params: Any) -> bool:
    """Along which axis: rows, unless they are too short for pairs of results to pay."""
    return params.out_w < 4 and params.out_h > params.out_w


def walks(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    """(weights [k_h][k_w][channels] of at most 3 x 3, bias, multipliers) to weights int8 and the ways out.

    Per channel 16 bytes, then 4 bytes of 0 behind the last quad: 4 positions of [0, tap, tap, tap], of which the last
    is 0. Positions go along a row, or down (walks_down); the taps of one position go across that.
    """
    channels = _walk_channels(constants, params)
    taps = channels.rows if walks_down(params) else channels.rows.transpose(0, 2, 1)
    words = np.zeros((len(taps), 4, 4), np.int8)
    words[:, : taps.shape[1], 1 : 1 + taps.shape[2]] = taps
    flat = np.append(filled(words, 0, QUAD).reshape(-1), np.zeros(4, np.int8))
    return Const("weights", flat), ways_out(channels, params)


def walk_scratch(params: Any) -> int:
    """64 bytes for each position of a walk, 16 of padding."""
    out, stride = (params.out_h, params.stride_h) if walks_down(params) else (params.out_w, params.stride_w)
    return 64 * (((out + 1) // 2 * 2 - 1) * stride + 4) + 16


def _window(params: Any) -> tuple[int, int]:
    """(rows across the walk, taps along it) of a depthwise window."""
    return (params.k_w, params.k_h) if walks_down(params) else (params.k_h, params.k_w)


def sweep_words(rows: int, taps: int) -> list[list[tuple[int, int]]]:
    """For each word of a window its four lines' taps as (row, tap along the walk), whole gathers of four words.

    Those outside of the window stand for none: bc_sweep_mve.h says which lines share a group.
    """
    words = []
    for first in range(0, rows, 4):
        side = 4 if rows - first >= 3 else rows - first
        for tap in range(0, taps, 4 // side):
            words.append([(first + k % side, tap + k // side) for k in range(4)])
    return words + [[(rows, taps)] * 4] * (-len(words) % 4)


def sweeps(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    """(weights [k_h][k_w][out_c], bias, multipliers) to weights int8 [fours][gathers][4][16] and the ways out, as
    bc_sweep_mve.h and dwconv2d_s8_mve.h have them."""
    channels, multiplier = _walk_channels(constants, params), params.depth_multiplier
    # Outputs in the kernel's order; -1 fills up the fours.
    order = np.arange(params.out_c).reshape(-1, multiplier).T
    order = np.pad(order, ((0, 0), (0, -order.shape[1] % QUAD)), constant_values=-1).reshape(-1)
    ordered = channels.taken(order)
    taps = ordered.rows.transpose(0, 2, 1) if walks_down(params) else ordered.rows
    rows, along = _window(params)
    wide = np.pad(taps, ((0, 0), (0, 4), (0, 4)))
    where = np.array(sweep_words(rows, along))
    flat = wide[:, where[..., 0], where[..., 1]].reshape(-1, QUAD, len(where) // 4, LANES).transpose(0, 2, 1, 3)
    return Const("weights", flat.astype(np.int8)), ways_out(ordered, params)


def sweep_scratch(params: Any) -> int:
    """16 bytes for each gather, 64 for each position of each group of lines, 16 of padding."""
    rows, taps = _window(params)
    along = "h" if walks_down(params) else "w"
    out, stride, dilation = (getattr(params, f"{name}_{along}") for name in ("out", "stride", "dilation"))
    positions = ((out + 1) // 2 * 2 - 1) * stride + (taps - 1) * dilation + 1
    return 4 * len(sweep_words(rows, taps)) + 64 * positions * (-(-rows // 4)) + 16


def matmul_scratch(params: Any) -> int:
    """Four columns of b, two rows of a, and the sums of the rows of a."""
    return (QUAD + 2) * lanes(params.k) + 4 * params.m


def both_constant(constants: tuple[Const, ...], params: Any) -> bool:
    """Whether the bias of a float operator is known too: kernels get weights and bias, or nothing, packed."""
    return len(constants) == 2


def tiles_f32(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    """(weights float32 [out_c][...], bias) to weights by tiles of 16, then 8, then 4 channels, and the bias.

    A tile is [depth][channels], the depth being all axes but the first; zeros stand for the up to 3 channels that the
    last quad lacks. One array, tile by tile.
    """
    weights, bias = constants
    rows = filled(weights.data.reshape(len(weights.data), -1), 0, QUAD)
    tiles, first = [], 0
    for width in (16, 8, 4):
        while len(rows) - first >= width:
            tiles.append(rows[first : first + width].T.reshape(-1))
            first += width
    return Const("weights", np.concatenate(tiles)), bias
