"""Constants for 3x3 convolutions after Winograd, F(2x2, 3x3): runtime_c/include/barecast/bc_winograd_dsp.h.

    4 * Y = A^T [ (2G g (2G)^T) * (B^T d B) ] A        * is element by element

is an identity of whole numbers: d is a patch of 4 x 4 of x, g the 3x3 weights, Y the 2 x 2 accumulators. The transformed
weights lie between -9 * 128 and 9 * 127, the transformed patch between -512 and 512. The kernel adds modulo 2**32, so
only what comes out, 4 times an accumulator, must fit int32.

One array of int32 words, tile by tile of four outputs: for each of the 16 positions, row by row, and for each pair of
channels four words (outputs 0 to 3, of which each is the pair's two weights as int16); then 4 words of 4 * bias; then 4
times n words of `dsp.rescale` (where all outputs share one scale it stands once, before the first tile). Channels are
filled up with zeros to a multiple of four.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from barecast.layouts import dsp
from barecast.layouts.channels import Channels
from barecast.schedule import Const

WEIGHTS = np.array([[2, 0, 0], [1, 1, 1], [1, -1, 1], [0, 0, 2]], np.int64)
"""2 * G."""

INPUT = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]], np.int64)
"""B^T."""

OUTPUT = np.array([[1, 1, 1, 0], [0, 1, -1, -1]], np.int64)
"""A^T."""

POSITIONS = 16
BITS = 2
"""Accumulators come out multiplied by 2**BITS."""


def transformed(weights: np.ndarray) -> np.ndarray:
    """int [out, 3, 3, in] -> int64 [out, 4, 4, in], 4 * G g G^T."""
    return np.einsum("ir,orsc,js->oijc", WEIGHTS, weights.astype(np.int64), WEIGHTS)


def takes(params: Any) -> bool:
    """Whether the kernel computes such a convolution."""
    p = params
    return p.k_h == p.k_w == 3 and p.stride_h == p.stride_w == p.dilation_h == p.dilation_w == 1


def _channels(params: Any) -> int:
    return -(-params.in_c // 4) * 4


def pays(params: Any) -> bool:
    """Whether it takes fewer cycles than conv2d_s8_paired_dsp on a Cortex-M4, by what the parts of both have been
    measured to take there, loops included."""
    p, pairs, outputs = params, _channels(params) // 2, -(-params.out_c // dsp.TILE)
    # Two tiles: gather and transform, then for each four outputs the products and the way out of 8 sums each.
    one_step = 60 + 130 * pairs + outputs * (POSITIONS * (17 * pairs + 28) + 40) + p.out_c * 200
    steps = -(-p.out_h // 2) * -(-p.out_w // 4)
    # Two pixels: expand, then for each four outputs the products and the way out.
    window = dsp.conv2d_pairs(p)
    two_pixels = 120 + 6 * window + outputs * (16 * window + 100)
    return p.batch * steps * one_step < -(-p.batch * p.out_h * p.out_w // 2) * two_pixels


def scratch(params: Any) -> int:
    """Bytes: two transformed tiles; then a patch of 4 x 6 pixels, or the 8 sums of each position."""
    channels = _channels(params)
    return POSITIONS * channels * 4 + max(24 * channels, POSITIONS * 8 * 4)


def _settled(constants: tuple[Const, ...], params: Any) -> Channels:
    return Channels.settled(constants[0].data, constants, params)


def fits(constants: tuple[Const, ...], params: Any) -> bool:
    """Whether 4 times each accumulator fits int32, and bc_dsp_rescale is exact."""
    channels = _settled(constants, params)
    return bool(channels.largest.max(initial=0) < 2 ** (31 - BITS)) and dsp.rescale_fits(channels, params, BITS)


def pack(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    """(weights int8 [out_c][3][3][in_c], bias, multipliers) to the array described above."""
    channels = _settled(constants, params)
    weights = transformed(channels.rows)
    count, _, _, depth = weights.shape
    pairs = dsp.in_pairs(np.pad(weights.reshape(count, POSITIONS, depth), ((0, 0), (0, 0), (0, -depth % 4))))
    # [tile, output, position and pair, number] -> [tile, position and pair, output, number]
    ordered = dsp.in_tiles(pairs).transpose(0, 2, 1, 3)
    words = np.ascontiguousarray(ordered.astype("<i2")).reshape(len(ordered), -1).view("<i4")
    factors = dsp.rescale(channels, params).astype(np.int32)
    parts = [words, dsp.in_tiles(channels.bias << BITS).astype(np.int32)]
    if params.per_channel:
        ends = dsp.in_tiles(np.pad(factors, ((0, -count % dsp.TILE), (0, 0)), mode="edge"))
        parts.append(ends.reshape(len(ends), -1))
    packed = np.concatenate(parts, axis=1).astype(np.int32).reshape(-1)
    if not params.per_channel:
        packed = np.concatenate([factors[0], packed])
    return (Const("weights", packed),)
