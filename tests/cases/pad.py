"""Cases of pad: one axis to four, elements of 1, 2 and 4 bytes, values within and beyond the type's range."""

from __future__ import annotations

import numpy as np
from barecast.graph import DType, TensorType
from barecast.ops.pad import Pad

from tests.cases.build import case, f32, s8, s16, u8

BORDERS = {
    "none": ((0, 0, 0, 0), (0, 0, 0, 0)),
    "image": ((0, 1, 2, 0), (0, 3, 1, 0)),
    "first": ((2, 0, 0, 0), (1, 0, 0, 0)),
    "last": ((0, 0, 0, 1), (0, 0, 0, 2)),
    "before": ((0, 1, 1, 0), (0, 0, 0, 0)),
    "after": ((0, 0, 0, 0), (0, 1, 1, 0)),
    "every": ((1, 2, 3, 4), (4, 3, 2, 1)),
}
SIZES = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33)


def _cases():
    for make in (s8, u8, s16, f32):
        token, out = make(1).dtype.value, (make(1).dtype, make(1).quant)
        for name, (before, after) in BORDERS.items():
            yield case(f"{token}_{name}", "pad", Pad(before, after), [make(2, 3, 4, 5)], out)
        for n in SIZES:
            yield case(f"{token}_vector{n}", "pad", Pad((n,), (3,)), [make(n)], out)
        for value in (1.23, -2.5, 1e6, -1e6):
            yield case(f"{token}_value{value:g}", "pad", Pad((1, 1), (1, 1), value), [make(3, 3)], out)
        six = Pad((0, 1, 0, 0, 2, 0), (0, 0, 0, 0, 1, 0))
        yield case(f"{token}_six_axes", "pad", six, [make(2, 1, 3, 2, 2, 3)], out)
    for name, (before, after) in BORDERS.items():
        yield case(f"s32_{name}", "pad", Pad(before, after), [TensorType(DType.S32, (2, 3, 4, 5))], (DType.S32, None))
    for value in (-(2.0**31), 2.0**31 - 1):
        x = TensorType(DType.S32, (3, 3))
        yield case(f"s32_value{value:.0f}", "pad", Pad((1, 1), (1, 1), value), [x], (DType.S32, None))
    for zero in (-128, 127):
        x = s8(3, 3, zero=zero)
        yield case(f"s8_zero{zero}", "pad", Pad((1, 0), (0, 1)), [x], (DType.S8, x.quant))
    for value in (np.inf, -np.inf):
        yield case(f"f32_value{value:g}", "pad", Pad((1,), (1,), value), [f32(3)])


CASES = tuple(_cases())
