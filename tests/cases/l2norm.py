"""Cases of l2norm."""

from __future__ import annotations

import numpy as np
from barecast.graph import DType, Rule
from barecast.ops.l2norm import L2norm

from tests.cases.build import case, f32, quant, s8

OUT = (DType.S8, quant(1 / 128, 0))


def _cases():
    for axis in range(3):
        yield case(f"f32_axis{axis}", "l2norm", L2norm(axis, 1e-6), [f32(3, 5, 4)])
        for rule in (Rule.TFLITE, Rule.TFLITE_SINGLE):
            yield case(f"s8_axis{axis}_{rule.value}", "l2norm", L2norm(axis), [s8(3, 5, 4, zero=9)], OUT, rule=rule)
    yield case("f32_zeros", "l2norm", L2norm(1, 1e-6), [f32(2, 3)], given={"x0": np.zeros((2, 3), np.float32)})
    for n in (1, 2, 7, 64, 1000, 33025):
        for zero in (-128, 0, 127):
            yield case(f"s8_{n}_{zero}", "l2norm", L2norm(1), [s8(2, n, zero=zero)], OUT, rule=Rule.TFLITE)
    small = np.arange(-4, 4).astype(np.int8).reshape(8, 1)
    yield case("s8_small", "l2norm", L2norm(1), [s8(8, 1)], OUT, {"x0": small}, Rule.TFLITE)


CASES = tuple(_cases())
