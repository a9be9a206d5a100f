"""Cases of log_softmax."""

from __future__ import annotations

import numpy as np
from barecast.graph import DType, Rule
from barecast.ops.log_softmax import LogSoftmax

from tests.cases.build import case, f32, quant, s8

OUT = (DType.S8, quant(1 / 16, 127))


def _cases():
    for axis in range(3):
        attrs = LogSoftmax(axis)
        yield case(f"f32_axis{axis}", "log_softmax", attrs, [f32(3, 5, 4)])
        for rule in (Rule.TFLITE, Rule.TFLITE_SINGLE):
            yield case(f"s8_axis{axis}_{rule.value}", "log_softmax", attrs, [s8(3, 5, 4, zero=9)], OUT, rule=rule)
    for n in (1, 2, 7, 64, 1000, 4095):
        for scale in (0.001, 0.1, 2.0):
            x = s8(2, n, scale=scale, zero=0)
            yield case(f"s8_{n}_{scale:g}", "log_softmax", LogSoftmax(1), [x], OUT, rule=Rule.TFLITE)
        equal = {"x0": np.zeros((2, n), np.int8)}
        yield case(f"s8_{n}_equal", "log_softmax", LogSoftmax(1), [s8(2, n)], OUT, equal, Rule.TFLITE)


CASES = tuple(_cases())
