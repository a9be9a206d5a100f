"""Cases of cumsum: every axis and direction, sums that wrap."""

from __future__ import annotations

import itertools

from barecast.graph import DType, Rule
from barecast.ops.cumsum import Cumsum

from tests.cases.build import case, f32, quant, s8


def _cases():
    for axis, exclusive, reverse, total in itertools.product(range(3), *[(False, True)] * 3):
        attrs = Cumsum(axis, exclusive, reverse, total)
        name = f"{axis}_{exclusive}_{reverse}_{total}"
        yield case(f"f32_{name}", "cumsum", attrs, [f32(3, 5, 4)])
        for rule in (Rule.TFLITE, Rule.TFLITE_SINGLE) if axis == 1 else (Rule.TFLITE,):
            out = (DType.S8, quant(0.2, -5))
            yield case(f"s8_{name}_{rule.value}", "cumsum", attrs, [s8(3, 5, 4, scale=0.05, zero=9)], out, rule=rule)
    for zero in (-128, 0, 127):
        out = (DType.S8, quant(2.0, zero))
        x = s8(2, 60, scale=0.05, zero=zero)
        yield case(f"s8_long_{zero}", "cumsum", Cumsum(1), [x], out, rule=Rule.TFLITE)


CASES = tuple(_cases())
