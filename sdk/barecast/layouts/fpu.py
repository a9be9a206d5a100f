"""Constants for the float32 kernels on the FPU of Cortex-M: runtime_c/include/barecast/bc_tile_fpu.h."""

from __future__ import annotations

from typing import Any

import numpy as np

from barecast.schedule import Const

OUTPUTS = 4
"""Outputs of a tile."""

PIXELS = 4
"""Windows that are gathered together."""


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
