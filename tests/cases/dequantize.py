"""Cases of dequantize: per tensor and per axis, from s8, u8, s16 and s32."""

from __future__ import annotations

import numpy as np
from barecast.graph import DType, TensorType
from barecast.ops.dequantize import Dequantize

from tests.cases.build import case, quant

SIZES = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33)
ZEROS = {DType.S8: (0, -128, 127, 1), DType.U8: (0, 128, 255, 3), DType.S16: (0, -32768, 32767, 1), DType.S32: (0, 0, 0, 0)}


def _cases():
    for dtype, zeros in ZEROS.items():
        token = dtype.value
        for n in SIZES:
            yield case(f"{token}_{n}", "dequantize", Dequantize(), [TensorType(dtype, (n,), quant(0.021, zeros[3]))])
        for zero in dict.fromkeys(zeros):
            for scale in (0.5, 0.1, 1e-30, 1e30):
                x = TensorType(dtype, (256,), quant(scale, zero))
                yield case(f"{token}_{scale:g}_{zero}", "dequantize", Dequantize(), [x])
        for axis, extent in enumerate((2, 3, 4, 5) if dtype is not DType.S16 else ()):
            by_axis = quant([0.01 * (i + 1) ** 2 for i in range(extent)], [zeros[i % 4] for i in range(extent)], axis)
            yield case(f"{token}_axis{axis}", "dequantize", Dequantize(), [TensorType(dtype, (2, 3, 4, 5), by_axis)])
    extremes = np.array([-(2**31), 2**31 - 1, 2**24 + 1, -(2**24) - 1, 0, 1, -1], np.int32)
    x = TensorType(DType.S32, extremes.shape, quant(0.1))
    yield case("s32_extremes", "dequantize", Dequantize(), [x], given={"x0": extremes})


CASES = tuple(_cases())
