"""Cases of quantize: per tensor and per axis, to s8, u8 and s16; halves, NaN, infinities and values far out."""

from __future__ import annotations

import numpy as np
from barecast.graph import DType, Rule
from barecast.ops.quantize import Quantize

from tests.cases.build import case, f32, quant

SIZES = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33)
SPECIALS = np.array(
    [np.nan, -np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-45, -1e-45, 3e38, -3e38, 255.9, 256.0, -256.1, 1e9, -1e9],
    np.float32,
)
OUTPUTS = {
    "s8": (DType.S8, (0, -128, 127, 1)),
    "u8": (DType.U8, (0, 128, 255, 3)),
    "s16": (DType.S16, (0, -32768, 32767, 1)),
}


def _cases():
    halves = np.arange(-600, 600).astype(np.float32) / 4
    for token, (dtype, zeros) in OUTPUTS.items():
        for n in SIZES:
            yield case(f"{token}_{n}", "quantize", Quantize(), [f32(n)], (dtype, quant(0.021, zeros[3])))
        for zero in zeros:
            for scale in (1.0, 0.5, 0.1, 0.0078125, 3.7, 1e-30, 1e30):
                label = f"{token}_{scale:g}_{zero}"
                x = np.concatenate([SPECIALS, halves * np.float32(scale), halves])
                yield case(label, "quantize", Quantize(), [f32(x.size)], (dtype, quant(scale, zero)), {"x0": x})
        if dtype is DType.S16:
            for scale in (1.0, 0.1, 2**-12):
                x = np.concatenate([SPECIALS, np.arange(-70000, 70000, 37).astype(np.float32) / 2]) * np.float32(scale)
                for rule in (Rule.ONNX, Rule.TFLITE):
                    name, output = f"{token}_range_{scale:g}_{rule.value}", (dtype, quant(scale, 3))
                    yield case(name, "quantize", Quantize(), [f32(x.size)], output, {"x0": x}, rule)
            continue
        for axis, extent in enumerate((2, 3, 4, 5)):
            scales = [0.01 * (i + 1) ** 2 for i in range(extent)]
            by_axis = quant(scales, [zeros[i % 4] for i in range(extent)], axis)
            yield case(f"{token}_axis{axis}", "quantize", Quantize(), [f32(2, 3, 4, 5)], (dtype, by_axis))
        specials = np.stack([SPECIALS, SPECIALS])
        two = quant((0.5, 2.0), zeros[:2], 0)
        given = {"x0": specials}
        yield case(f"{token}_axis_specials", "quantize", Quantize(), [f32(2, len(SPECIALS))], (dtype, two), given)


CASES = tuple(_cases())
