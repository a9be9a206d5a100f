"""Constants for the kernels of the DSP extension: runtime_c/include/barecast/bc_tile_dsp.h, bc_dsp.h.

The numbers of a conv2d go into one array of int32 words, tile by tile of four outputs, so that one pointer
walks through all of them. A tile (outputs 0 to 3; those beyond the last one are zeros):

    4 words             the accumulators' first values, from the biases
    2 words a pair      the weights: pair by pair of input numbers (low, high), bytes from the lowest address up
                            o0.low o1.low o0.high o1.high    o2.low o3.low o2.high o3.high
    4 times n words     `rescale` of each output; where all share one scale it stands once, before the first tile

Pairs: a segment is what lies in one piece of memory below the window (a row of it, or one tap if the taps are
dilated). Its bytes are taken four at a time, 0 1 2 3 -> (0, 2) (1, 3), as SXTB16 expands them; a rest of one to three
bytes becomes (0, -), (0, 1) or (0, 2) (1, -), where the weight for - is 0.

`two_in_one`: SMLAD with the weights' words as they are sums 256 * (output 1) + (output 0). A half word is then the
number 256 * o1 + o0, so its upper byte is o1 - 1 where o0 is negative; and the first value of output 1 is
256 * bias 1 + bias 0 (likewise 3 and 2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from barecast.layouts.channels import Channels
from barecast.numerics.fixed_point import TFLITE, TFLITE_SINGLE
from barecast.schedule import Const

TILE = 4
"""Outputs of a tile."""

SCALED_BITS = 8
"""Outputs 1 and 3 come out of `two_in_one` multiplied by 2**8."""

MOST_RIGHT = 22
"""The largest right shift of bc_dsp_rescale: 128 * 2**22 for the zero point and 2**30 for the product fit int32."""


def rescale_fits(channels: Channels, params: Any, scaled: int = 0) -> bool:
    """Whether bc_dsp_rescale is exact: right shifts of the high word, small enough for the zero point beside it, and
    accumulators that it can double under TensorFlow Lite's rule. scaled: they come multiplied by 2**scaled."""
    if params.ties == TFLITE and not scaled and channels.largest.max(initial=0) >= 2**30:
        return False
    less = scaled if params.ties == 0 else 0
    return all(right_shift_fits(params.ties, int(s), less) for s in (channels.shift.min(), channels.shift.max()))


def right_shift_fits(ties: int, shift: int, less: int = 0) -> bool:
    """The same for one shift. less: bits that the largest one must stay away from the limit."""
    base = {0: 32, TFLITE: 31, TFLITE_SINGLE: 32}.get(ties)
    return base is not None and base < shift <= base + MOST_RIGHT - less


def rescale(channels: Channels, params: Any) -> np.ndarray:
    """What bc_dsp_rescale reads for each output, [out_c, words]: {mult}, or {mult, right shift - 1}."""
    if params.ties == 0:
        return channels.mult[:, None]
    return np.stack([channels.mult, channels.shift - (32 if params.ties == TFLITE else 33)], axis=1)


def rescale_any(channels: Channels) -> np.ndarray:
    """What bc_dsp_rescale_any reads: {mult, shift}."""
    return np.stack([channels.mult, channels.shift], axis=1)


def pair_order(length: int) -> np.ndarray:
    """[pairs, 2]: which byte of a segment is the low and which the high number of each pair; -1 for none."""
    order = []
    for first in range(0, length, 4):
        rest = min(4, length - first)
        pairs = {1: [(0, -1)], 2: [(0, 1)], 3: [(0, 2), (1, -1)], 4: [(0, 2), (1, 3)]}[rest]
        order += [[-1 if k < 0 else first + k for k in pair] for pair in pairs]
    return np.array(order).reshape(-1, 2)


def pairs_in_fours(length: int) -> int:
    """Pairs of a segment where a rest counts as a whole four."""
    return -(-length // 4) * 2


def in_pairs(rows: np.ndarray, order: Callable[[int], np.ndarray] = pair_order) -> np.ndarray:
    """[out, segments, length] -> [out, pairs, 2] int64."""
    padded = np.concatenate([rows.astype(np.int64), np.zeros((*rows.shape[:2], 1), np.int64)], axis=2)
    return padded[:, :, order(rows.shape[2])].reshape(len(rows), -1, 2)


def in_tiles(rows: np.ndarray) -> np.ndarray:
    """[out, ...] -> [tiles, 4, ...], filled with zeros."""
    more = -len(rows) % TILE
    filled = np.concatenate([rows, np.zeros((more, *rows.shape[1:]), rows.dtype)])
    return filled.reshape(-1, TILE, *rows.shape[1:])


def two_in_one_fits(channels: Channels) -> bool:
    """Whether SMLAD may sum two outputs at once: the upper bytes fit, and 256 times every sum fits 32 bits."""
    if channels.largest.max(initial=0) >= 2 ** (31 - SCALED_BITS):
        return False
    weights = in_tiles(channels.rows.reshape(len(channels.rows), -1))
    upper = weights[:, 1::2] - (weights[:, 0::2] < 0)
    return bool(upper.min(initial=0) >= -128)


def tile_words(weights: np.ndarray) -> np.ndarray:
    """Weights [tiles, 4, pairs, 2] as int32 [tiles, 2 * pairs], in the order of the tile."""
    count, _, pairs, _ = weights.shape
    # [tile, output pair, output in it, pair, number] -> [tile, pair, output pair, number, output in it]
    ordered = weights.reshape(count, 2, 2, pairs, 2).transpose(0, 3, 1, 4, 2)
    return np.ascontiguousarray(ordered.astype(np.int8)).reshape(count, -1).view("<i4")


def tiles(
    rows: np.ndarray,
    bias: np.ndarray,
    factors: np.ndarray,
    two_in_one: bool,
    per_channel: int,
    order: Callable[[int], np.ndarray] = pair_order,
) -> tuple[Const, ...]:
    """The array described above. rows: [out, segments, length]; bias: [out]; factors: [out, words]."""
    weights, starts = in_tiles(in_pairs(rows, order)), in_tiles(bias)
    # Outputs beyond the last one are computed, too, and not stored.
    ends = in_tiles(np.pad(factors, ((0, -len(factors) % TILE), (0, 0)), mode="edge"))
    if two_in_one:
        weights[:, 1::2] -= weights[:, 0::2] < 0
        starts[:, 1::2] = 256 * starts[:, 1::2] + starts[:, 0::2]
    parts = [starts.astype(np.uint32).view(np.int32), tile_words(weights)]
    if per_channel:
        parts.append(ends.reshape(len(ends), -1).astype(np.int32))
    packed = np.concatenate(parts, axis=1).astype(np.int32).reshape(-1)
    if not per_channel:
        packed = np.concatenate([factors[0].astype(np.int32), packed])
    return (Const("weights", packed),)


def segments(params: Any) -> tuple[int, int]:
    """How many pieces of memory lie below a window, and their bytes."""
    if params.dilation_w == 1 and params.groups == 1:
        return params.k_h, params.k_w * params.in_c
    return params.k_h * params.k_w, params.in_c // params.groups


def conv2d_pairs(params: Any) -> int:
    """Pairs of a window."""
    count, length = segments(params)
    return count * ((length + 1) // 2)


def _conv2d_channels(constants: tuple[Const, ...], params: Any) -> Channels:
    weights = constants[0].data
    return Channels.settled(weights.reshape(len(weights), *segments(params)), constants, params)


def conv2d_two_in_one_fits(constants: tuple[Const, ...], params: Any) -> bool:
    channels = _conv2d_channels(constants, params)
    fits = all(two_in_one_fits(group) for group in channels.groups(params.groups))
    return rescale_fits(channels, params, SCALED_BITS) and fits


def conv2d_two_in_one(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    groups = _conv2d_channels(constants, params).groups(params.groups)
    return joined(tiles(group.rows, group.bias, rescale(group, params), True, params.per_channel) for group in groups)


def conv2d_any(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    groups = _conv2d_channels(constants, params).groups(params.groups)
    return joined(tiles(group.rows, group.bias, rescale_any(group), False, params.per_channel) for group in groups)


def joined(packed: Iterable[tuple[Const, ...]]) -> tuple[Const, ...]:
    """The groups' arrays, one behind the other."""
    return (Const("weights", np.concatenate([const.data for (const,) in packed])),)


PLANE_BYTES = 2560
"""What a plane takes at most with a vertical stride of 2, if it needs no fewer than PLANE_ROWS rows of outputs for that."""

PLANE_ROWS = 8


def plane(params: Any) -> tuple[int, int]:
    """Columns and words a column of the plane of pairs (bc_plane_dsp.h)."""
    rows = (params.out_h + 1) // 2 * 2 if params.stride_h == 1 else params.out_h
    height = ((rows - 1) * params.stride_h + params.k_h + 1) // 2
    return (params.out_w - 1) * params.stride_w + params.k_w, height


def plane_band(params: Any) -> int:
    """Rows of outputs that the plane is filled for at a time: an even number, or all."""
    if params.stride_h == 1:
        return params.out_h
    height = PLANE_BYTES // 4 // plane(params)[0]
    return min(max(((2 * height - params.k_h) // 2 + 1) // 2 * 2, PLANE_ROWS), params.out_h)


def plane_bytes(params: Any) -> int:
    """Scratch memory of the plane of one channel, or of the largest band of it."""
    columns, height = plane(replace(params, out_h=plane_band(params)))
    return 4 * columns * height


def phases(params: Any) -> int:
    """Bytes of scratch memory: the planes of all phases of a dilated window and a word (bc_dwconv2d_dsp.h), or one plane."""
    height, width = [
        [replace(params, **{f"out_{axis}": -(-(out - i) // dilation)}) for i in range(min(dilation, out))]
        for axis, out, dilation in (
            ("h", params.out_h, params.dilation_h),
            ("w", params.out_w, params.dilation_w),
        )
    ]
    words = sum(plane(part)[1] for part in height) * sum(plane(part)[0] for part in width)
    return 4 * (words + (params.dilation_w > 1))


def turned(params: Any) -> Any:
    """The params as dwconv2d_s8_dsp takes them: an image of one row is one of one column."""
    if not params.in_h == params.out_h == params.k_h == 1:
        return params
    both = ("in", "out", "k", "stride", "dilation")
    height = {f"{name}_h": getattr(params, f"{name}_w") for name in both}
    width = {f"{name}_w": getattr(params, f"{name}_h") for name in both}
    pads = {"pad_top": "left", "pad_left": "top", "pad_bottom": "right", "pad_right": "bottom"}
    return replace(params, **height, **width, **{name: getattr(params, f"pad_{other}") for name, other in pads.items()})


def _dwconv2d_channels(constants: tuple[Const, ...], params: Any) -> Channels:
    """rows: [out, k_w, k_h], a column of the window after the other."""
    return Channels.settled(constants[0].data.transpose(2, 1, 0), constants, params)


def dwconv2d_fits(constants: tuple[Const, ...], params: Any) -> bool:
    return rescale_fits(_dwconv2d_channels(constants, params), params)


def dwconv2d_k3x3(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    return k3x3_words(_dwconv2d_channels(constants, params), params)


def k3x3_words(channels: Channels, params: Any) -> tuple[Const, ...]:
    """One array: for each output channel its bias, `rescale`, and a word of w0 w1 w1 w2 for each column."""
    taps = np.ascontiguousarray(channels.rows[:, :, [0, 1, 1, 2]].astype(np.int8)).view("<i4")[:, :, 0]
    return (_by_channel(channels, rescale(channels, params), taps),)


def dwconv2d_any_window(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    return window_words(_dwconv2d_channels(constants, params), params)


def window_words(channels: Channels, params: Any) -> tuple[Const, ...]:
    """One array: for each output channel its bias, `rescale`, and for each pair of rows and each column a word of the
    weights (upper 2m, lower 2m - 1, upper 2m + 1, lower 2m), those of the lower row with a vertical stride of 1 only."""
    window, two_rows = turned(params), turned(params).stride_h == 1
    # [out, k_w, k_h] of the window as given; the same with height and width exchanged is [out, 1, k_w].
    rows = channels.rows if window is params else channels.rows.transpose(0, 2, 1)
    pairs = (window.k_h + 2) // 2 if two_rows else (window.k_h + 1) // 2
    upper = np.pad(rows, ((0, 0), (0, 0), (0, 2 * pairs - window.k_h)))
    lower = np.pad(rows, ((0, 0), (0, 0), (1, 2 * pairs - window.k_h - 1))) if two_rows else np.zeros_like(upper)
    both = np.stack([upper, lower], axis=-1).reshape(len(rows), window.k_w, pairs, 4).transpose(0, 2, 1, 3)
    words = np.ascontiguousarray(both.astype(np.int8)).view("<i4").reshape(len(rows), -1)
    return (_by_channel(channels, rescale(channels, params), words),)


def _by_channel(channels: Channels, factors: np.ndarray, words: np.ndarray) -> Const:
    return Const("weights", np.concatenate([channels.bias[:, None], factors, words], axis=1).astype(np.int32))


def _dense_channels(constants: tuple[Const, ...], params: Any, group: int = 4) -> Channels:
    """rows: [out, 1, in_c], filled with zeros to whole groups."""
    weights = constants[0].data
    filled = np.pad(weights, ((0, 0), (0, -weights.shape[1] % group)))
    return Channels.settled(filled[:, None, :], constants, params)


def dense_two_in_one_fits(constants: tuple[Const, ...], params: Any) -> bool:
    channels = _dense_channels(constants, params)
    return rescale_fits(channels, params, SCALED_BITS) and two_in_one_fits(channels)


def dense_two_in_one(constants: tuple[Const, ...], params: Any, group: int = 4) -> tuple[Const, ...]:
    channels = _dense_channels(constants, params, group)
    return tiles(channels.rows, channels.bias, rescale(channels, params), True, params.per_channel)


def dense_any(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    channels = _dense_channels(constants, params)
    return tiles(channels.rows, channels.bias, rescale_any(channels), False, params.per_channel)
