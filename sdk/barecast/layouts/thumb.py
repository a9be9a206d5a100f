"""Packers for cores without SIMD instructions: Cortex-M0, M0+, M3."""

from __future__ import annotations

from typing import Any

import numpy as np

from barecast.layouts.channels import IS_TFLITE, Channels
from barecast.schedule import Const

ONE_BLOCK = 255
"""A filter whose magnitudes sum to at most so much needs no splitting of its sums (include/barecast/bc_pairs.h)."""


def conv2d_taps(params: Any) -> int:
    """The taps of a filter, filled to whole words."""
    return -(-params.k_h * params.k_w * (params.in_c // params.groups) // 4) * 4


def conv2d_fits(constants: tuple[Const, ...], params: Any) -> bool:
    """Whether no two neighbouring taps that are summed in one block are -128 both: their sum would leave 16 bits."""
    filters = constants[0].data.reshape(params.out_c, -1)
    even = filters.shape[1] // 2 * 2
    return not (filters[:, :even].reshape(params.out_c, -1, 2) == -128).all(axis=2).any()


def conv2d(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    """Filters [O][taps] with zeros up to whole words; rows of channels, whose multiplier has bit 31 set if the filter
    needs one block only."""
    channels = Channels.of(constants[0].data, constants[1].data, constants[2].data, params)
    filters = channels.rows.reshape(params.out_c, -1)
    filled = np.zeros((params.out_c, conv2d_taps(params)), np.int8)
    filled[:, : filters.shape[1]] = filters
    small = np.abs(filters).sum(axis=1) <= ONE_BLOCK
    return Const("weights", filled), _rows(params, channels, np.where(small, channels.mult - 2**31, channels.mult))


def dwconv2d_plane(params: Any) -> tuple[int, int]:
    """Rows and columns of the plane of bc_plane_pairs.h."""
    half = (params.out_h + 1) // 2
    return (half - 1) * params.stride_h + params.k_h, (params.out_w - 1) * params.stride_w + params.k_w


def dwconv2d_fits(constants: tuple[Const, ...], params: Any) -> bool:
    """Whether no row of a 3x3 filter begins with two -128: their sum of products would leave 16 bits."""
    return not (constants[0].data[:, :2] == -128).all(axis=1).any()


def dwconv2d(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    """Filters [O][9]; rows of channels, whose multiplier has bit 31 set if each row of the filter is one block."""
    filters = constants[0].data.transpose(2, 0, 1)
    channels = Channels.of(filters, constants[1].data, constants[2].data, params)
    filters = channels.rows
    small = (np.abs(filters).sum(axis=2) <= ONE_BLOCK).all(axis=1)
    rows = _rows(params, channels, np.where(small, channels.mult - 2**31, channels.mult))
    return Const("weights", filters.reshape(params.out_c, 9).astype(np.int8)), rows


def dense(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    """Weights [ceil(O / 8)][K][8] with 128 added, uint8; rows of channels."""
    channels = Channels.of(constants[0].data, constants[1].data, constants[2].data, params)
    filled = np.zeros((-(-params.out_c // 8) * 8, params.in_c), np.uint8)
    filled[: params.out_c] = channels.rows + 128
    eights = filled.reshape(-1, 8, params.in_c).transpose(0, 2, 1)
    return Const("weights", eights), _rows(params, channels, channels.mult)


def _rows(params: Any, channels: Channels, mult: np.ndarray) -> Const:
    """A row of int32 for every output channel: bias, multiplier, and the shift under TensorFlow Lite's rules."""
    rows = [channels.bias, mult, *([channels.shift] if params.ties in IS_TFLITE else [])]
    return Const("channels", np.stack(rows, axis=1).astype(np.int32))
