"""Cases of requantize: every byte, between s8 and u8 in all directions, by flipped sign bits and by tables."""

from __future__ import annotations

import numpy as np
from barecast.ops.requantize import Requantize

from tests.cases.build import case, s8, u8

SIZES = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33)
EVERY_BYTE = {"s8": np.arange(-128, 128).astype(np.int8), "u8": np.arange(256).astype(np.uint8)}
ZEROS = {s8: (0, -128, 127, 3), u8: (0, 128, 255, 131)}


def _cases():
    for x_make in (s8, u8):
        for y_make in (s8, u8):
            for x_zero in ZEROS[x_make]:
                for y_zero in ZEROS[y_make]:
                    for scale in (0.05, 0.0321):
                        x, y = x_make(256, zero=x_zero), y_make(1, scale=scale, zero=y_zero)
                        tokens = f"{x.dtype.value}_{y.dtype.value}"
                        name = f"{tokens}_{x_zero}_{y_zero}_{scale:g}"
                        given = {"x0": EVERY_BYTE[x.dtype.value]}
                        yield case(name, "requantize", Requantize(), [x], (y.dtype, y.quant), given)
    for n in SIZES:
        yield case(f"flip_{n}", "requantize", Requantize(), [u8(n)], (s8(1).dtype, s8(1).quant))
        yield case(f"table_{n}", "requantize", Requantize(), [s8(n)], (s8(1).dtype, s8(1, scale=0.07).quant))


CASES = tuple(_cases())
