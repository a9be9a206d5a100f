"""Constants for the float32 kernels on the FPU of Cortex-M: runtime_c/include/barecast/bc_tile_fpu.h."""

from __future__ import annotations

from typing import Any

import numpy as np

from barecast.schedule import Const, Overlap

OUTPUTS = 4
"""Outputs of a tile."""

PIXELS = 4
"""Windows that are gathered together."""

PLANE_BYTES = 2048
"""BC_FPU_PLANE_BYTES."""


def both_constant(constants: tuple[Const, ...], params: Any) -> bool:
    """Whether the bias is known too: it is packed with the weights."""
    return len(constants) == 2


def tiles(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    """(weights float32 [out_c][...], bias) to float32 [tiles][4 biases, then [depth][4] weights].

    The depth is all axes of the weights but the first; zeros stand for the outputs that the last tile lacks.
    """
    weights, bias = constants
    rows = np.column_stack([bias.data, weights.data.reshape(len(weights.data), -1)])
    padded = np.pad(rows, ((0, -len(rows) % OUTPUTS), (0, 0)))
    return (Const("weights", padded.reshape(-1, OUTPUTS, rows.shape[1]).transpose(0, 2, 1)),)


def conv2d_scratch(params: Any) -> int:
    """Four windows where any is gathered: on padding, or with columns apart."""
    p = params
    padded = max(p.pad_top, p.pad_left, p.pad_bottom, p.pad_right) > 0
    gathered = padded or (p.k_w > 1 and p.dilation_w > 1)
    return 4 * PIXELS * p.k_h * p.k_w * p.in_c if gathered else 0


def planar(params: Any) -> bool:
    """Whether the depthwise kernel takes it, two channels at a time: with larger strides most of what it copies is used
    but once, and plain C is as fast."""
    p = params
    return (
        p.k_h == p.k_w == 3
        and p.stride_h == p.stride_w == p.dilation_h == p.dilation_w == p.depth_multiplier == 1
        and p.in_c % 2 == 0
    )


def pairs(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    """(weights float32 [3][3][channels], bias) to float32 [channels / 2][9 weights, then the bias][2]."""
    weights, bias = constants
    channels = weights.data.shape[-1]
    rows = np.concatenate([weights.data.reshape(-1, channels), bias.data[np.newaxis]])
    return (Const("weights", rows.reshape(-1, channels // 2, 2).transpose(1, 0, 2)),)


def _band(params: Any) -> int:
    """Lines of outputs that the plane is filled for at a time: as many as 2 KB hold, but at least one."""
    return min(params.out_h, max(PLANE_BYTES // (8 * (params.out_w + 2)) - 2, 1))


def plane_scratch(params: Any) -> int:
    """The padded plane of two channels, or the part of it for a band."""
    return 8 * (_band(params) + 2) * (params.out_w + 2)


def plane_overlap(params: Any) -> Overlap | int:
    """Two channels of a band's lines are copied before its outputs are written, where they are these channels of x."""
    p = params
    if p.batch > 1:
        return 0
    end = np.append(np.arange(_band(p), p.out_h, _band(p)), p.out_h)
    written = end * p.out_w * p.out_c
    copied = np.minimum(end + 2 - p.pad_top, p.in_h) * p.in_w * p.in_c
    copied[-1] = p.in_h * p.in_w * p.in_c
    return Overlap(4 * max(0, int((copied - written).min()) + int(written[-1])), 4 * p.in_c)
