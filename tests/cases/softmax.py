"""Cases of softmax: lengths of rows, axes, spreads of logits, scales and zero points of the output."""

from __future__ import annotations

import numpy as np
from barecast.graph import DType, Rule
from barecast.ops.softmax import Softmax

from tests.cases import int16
from tests.cases.build import case, f32, quant, rng, s8, s16

SIZES = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 1000)
TYPICAL = (DType.S8, quant(1 / 256, -128))


def _cases():
    for n in SIZES:
        yield case(f"s8_{n}", "softmax", Softmax(1), [s8(3, n, scale=0.1, zero=7)], TYPICAL)
        yield case(f"f32_{n}", "softmax", Softmax(1), [f32(3, n)])
    for axis in range(4):
        yield case(f"s8_axis{axis}", "softmax", Softmax(axis), [s8(2, 3, 5, 7)], TYPICAL)
        yield case(f"f32_axis{axis}", "softmax", Softmax(axis), [f32(2, 3, 5, 7)])
    for scale in (1e-6, 0.01, 1 / 16, 1.0, 50.0):
        for name, out in {
            "typical": quant(1 / 256, -128),
            "signed": quant(1 / 128, 0),
            "inverse255": quant(1 / 255, -128),
            "odd": quant(0.0047, -101),
            "coarse": quant(0.3, 3),
            "coarser": quant(4.0, -128),
            "fine": quant(1e-4, -128),
            "finest": quant(1e-12, 127),
        }.items():
            yield case(f"s8_{scale:g}_{name}", "softmax", Softmax(1), [s8(2, 40, scale=scale)], (DType.S8, out))
    for scale in (1 / 255, 1 / 256, 0.0047, 4.0):
        out = (DType.S8, quant(scale, -128))
        yield case(f"s8_fused_{scale:g}", "softmax", Softmax(1, fused="u8"), [s8(8, 40, scale=0.1)], out)
    for rule in (Rule.TFLITE, Rule.TFLITE_SINGLE):
        for n in SIZES[:: 1 if rule is Rule.TFLITE else 5]:
            x = [s8(3, n, scale=0.1, zero=7)]
            yield case(f"s8_{n}_{rule.value}", "softmax", Softmax(1), x, TYPICAL, rule=rule)
    for scale in (1e-6, 0.01, 1 / 16, 1.0, 50.0):
        x = [s8(2, 41, scale=scale)]
        yield case(f"s8_scale_{scale:g}_tflite", "softmax", Softmax(1), x, TYPICAL, rule=Rule.TFLITE)
    yield case("s8_axis0_tflite", "softmax", Softmax(0), [s8(5, 3)], TYPICAL, rule=Rule.TFLITE)
    for rule in (Rule.TFLITE, Rule.ONNX):
        yield case(f"s8_many_{rule.value}", "softmax", Softmax(1), [s8(24, 61, scale=0.02)], TYPICAL, rule=rule)
        # A maximum among 2046 of the largest terms but one: the sum is next to the largest that fits two integer bits.
        given = {"x0": np.full((1, 2047), 3, np.int8)}
        given["x0"][0, 77] = 4
        x = [s8(1, 2047, scale=1e-6)]
        yield case(f"s8_2047_{rule.value}", "softmax", Softmax(1), x, TYPICAL, given, rule)
    for n in (2, 3, 256, 512, 1024, 5000):
        x, given = [s8(1, n)], {"x0": np.full((1, n), -128, np.int8)}
        yield case(f"s8_equal_{n}_tflite", "softmax", Softmax(1), x, TYPICAL, given, Rule.TFLITE)
    for n in (2, 3, 256, 512, 1024):
        # Equal logits: probabilities of 1 / n, which are halves of a step for n = 512.
        given = {"x0": np.full((1, n), 5, np.int8)}
        yield case(f"s8_equal_{n}", "softmax", Softmax(1), [s8(1, n)], TYPICAL, given)
    probabilities = int16.out(1 / 32768)
    for n in SIZES:
        yield int16.tflite(f"{n}", "softmax", Softmax(1), [s16(3, n, scale=0.0003)], probabilities)
    for axis in range(4):
        yield int16.tflite(f"axis{axis}", "softmax", Softmax(axis), [s16(2, 3, 5, 7)], probabilities)
    for scale in (1e-6, 0.0001, 1 / 1024, 0.01, 3.0):
        for rule in int16.RULES:
            given = {"x0": np.clip(rng("s16").normal(0, 2 / scale, (8, 40)), -32768, 32767).astype(np.int16)}
            x = [s16(8, 40, scale=scale)]
            yield int16.tflite(f"scale {scale:g}", "softmax", Softmax(1), x, probabilities, given, rule)
    for n in (2, 3, 256, 1024):
        x = [s16(1, n)]
        yield int16.tflite(f"equal {n}", "softmax", Softmax(1), x, probabilities, {"x0": np.full((1, n), 5, np.int16)})
    for n, axis in ((1, 1), (7, 1), (300, 1), (5, 0)):
        for rule in int16.RULES:
            y = int16.out(2**-16, -32768)
            yield int16.tflite(f"of bytes {n} {axis}", "softmax", Softmax(axis), [s8(3, n, scale=0.1)], y, rule=rule)
    rows = np.zeros((6, 4), np.float32)
    rows[0, 1] = np.nan
    rows[1, 1] = np.inf
    rows[2, 1] = -np.inf
    rows[3] = -np.inf
    rows[4] = (3e38, -3e38, 1.0, 0.0)
    rows[5] = (-1000, -1001, -1002, -1100)
    yield case("f32_specials", "softmax", Softmax(1), [f32(6, 4)], given={"x0": rows})


CASES = tuple(_cases())
