"""Cases of argmax: every axis, equal elements of which the first or the last counts, NaN."""

from __future__ import annotations

import numpy as np
from barecast.graph import DType
from barecast.ops.argmax import Argmax

from tests.cases.build import case, f32, rng, s8

OUT = (DType.S32, None)
NOT_NUMBERS = np.array([[np.nan, 1, 2], [1, np.nan, 2], [2, 1, np.nan], [np.inf, -np.inf, np.nan]], np.float32)


def _cases():
    for smallest in (False, True):
        for axis in range(3):
            for keep in (False, True) if axis == 1 else (False,):
                attrs = Argmax(axis, smallest, keep)
                name = f"{'min' if smallest else 'max'}_{axis}_{keep}"
                equal = rng(name).integers(-2, 3, (3, 5, 4))
                yield case(f"f32_{name}", "argmax", attrs, [f32(3, 5, 4)], OUT)
                yield case(f"f32_{name}_equals", "argmax", attrs, [f32(3, 5, 4)], OUT, {"x0": equal.astype(np.float32)})
                yield case(f"s8_{name}", "argmax", attrs, [s8(3, 5, 4)], OUT)
                yield case(f"s8_{name}_equals", "argmax", attrs, [s8(3, 5, 4)], OUT, {"x0": equal.astype(np.int8)})
                last = Argmax(axis, smallest, keep, last=True)
                yield case(f"f32_{name}_last", "argmax", last, [f32(3, 5, 4)], OUT, {"x0": equal.astype(np.float32)})
                yield case(f"s8_{name}_last", "argmax", last, [s8(3, 5, 4)], OUT, {"x0": equal.astype(np.int8)})
        given = {"x0": NOT_NUMBERS}
        yield case(f"nan_{smallest}", "argmax", Argmax(1, smallest), [f32(4, 3)], OUT, given)
        yield case(f"nan_{smallest}_last", "argmax", Argmax(1, smallest, last=True), [f32(4, 3)], OUT, given)
        yield case(f"one_{smallest}", "argmax", Argmax(0, smallest), [s8(1, 3)], OUT)


CASES = tuple(_cases())
