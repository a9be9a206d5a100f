"""Cases of requantize: every byte, between s8 and u8 by flipped sign bits and by tables; with s16 and s32 by slopes."""

from __future__ import annotations

import numpy as np
from barecast.graph import DType, TensorType
from barecast.ops.requantize import Requantize

from tests.cases import int16
from tests.cases.build import case, quant, s8, u8

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
    types = {DType.S8: (0.1, (0, -128)), DType.S16: (0.0005, (0, 300)), DType.S32: (3e-6, (0, 0))}
    for a, (x_scale, x_zeros) in types.items():
        for b, (y_scale, y_zeros) in types.items():
            if DType.S8 is a is b or DType.S32 is a is b:
                continue
            for x_zero, y_zero in zip(x_zeros, y_zeros, strict=True):
                for factor in (1.0, 0.37, 4.0):
                    for rule in int16.RULES:
                        x = TensorType(a, (200,), quant(x_scale * factor, x_zero))
                        name = f"{a.value} to {b.value}, {x_zero} {y_zero} {factor}"
                        y = (b, quant(y_scale, y_zero))
                        yield int16.tflite(name, "requantize", Requantize(), [x], y, rule=rule)
    for n in SIZES:
        yield case(f"flip_{n}", "requantize", Requantize(), [u8(n)], (s8(1).dtype, s8(1).quant))
        yield case(f"table_{n}", "requantize", Requantize(), [s8(n)], (s8(1).dtype, s8(1, scale=0.07).quant))


CASES = tuple(_cases())
