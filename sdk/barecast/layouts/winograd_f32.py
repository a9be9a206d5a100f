"""Constants for 3x3 convolutions after Winograd, F(2x2, 3x3), in float32: conv2d_f32_k3x3_neon.h.

    Y = A^T [ (G g G^T) * (B^T d B) ] A        * is element by element

d is a patch of 4 x 4 of x, g the 3x3 weights, Y 2 x 2 results. docs/numerics.md has the bound of the rounding errors.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from barecast.layouts import neon_f32
from barecast.schedule import Const

WEIGHTS = np.array([[2, 0, 0], [1, 1, 1], [1, -1, 1], [0, 0, 2]]) / 2
"""G."""

TILES = 16
"""BC_WINOGRAD_TILES."""


def takes(params: Any) -> bool:
    """Whether the kernel computes such a convolution."""
    p = params
    plain = p.stride_h == p.stride_w == p.dilation_h == p.dilation_w == p.groups == 1
    return plain and p.k_h == p.k_w == 3 and p.in_c % 4 == 0 and p.out_c % 4 == 0


def pays(params: Any) -> bool:
    """Whether it executes fewer instructions than conv2d_f32_neon, by what the parts of both take on a Cortex-A53."""
    p = params
    pixels, tiles = p.out_h * p.out_w, -(-p.out_h // 2) * -(-p.out_w // 2)
    direct = pixels * p.out_c * (9 * p.in_c * 0.28 + 0.9)
    here = tiles * (16 * p.out_c * (p.in_c * 0.28 + 0.9) + 20 * p.in_c + 18 * p.out_c)
    return here < direct


def transformed(weights: np.ndarray) -> np.ndarray:
    """float32 [out, 3, 3, in] -> [4, 4, out, in], G g G^T rounded once."""
    return np.einsum("ir,orsc,js->ijoc", WEIGHTS, weights.astype(np.float64), WEIGHTS).astype(np.float32)


def fits(constants: tuple[Const, ...], params: Any) -> bool:
    """Whether the bias is known too, and no sum of three rows and columns of weights overflows."""
    return len(constants) == 2 and bool(np.isfinite(transformed(constants[0].data)).all())


def pack(constants: tuple[Const, ...], params: Any) -> tuple[Const, ...]:
    """(weights float32 [out_c][3][3][in_c], bias) to G g G^T, [16][tiles of neon_f32, depth = in_c], and the bias."""
    weights, bias = constants
    places = transformed(weights.data).reshape(16, params.out_c, params.in_c)
    return Const("weights", np.stack([neon_f32.tiles_of(place) for place in places])), bias


def scratch(params: Any) -> int:
    """Four lines, zeros in place of a bias, and the transformed patches and products of some tiles."""
    p, tiles = params, -(-params.out_w // 2)
    numbers = 4 * (2 * tiles + 2) * p.in_c + p.out_c + 16 * min(tiles, TILES) * (p.in_c + p.out_c)
    return 4 * numbers
