"""Cases of compare: every kind and type, broadcasting, operands that change places."""

from __future__ import annotations

import numpy as np
from barecast.graph import DType, Rule, TensorType
from barecast.ops.compare import KINDS, Compare

from tests.cases.build import Constant, case, quant, s8
from tests.cases.pairwise import INT32, SHAPES, SPECIALS

OUT = (DType.BOOL, None)
VALUES = {
    DType.F32: SPECIALS,
    DType.S32: INT32,
    DType.S64: np.array([-(2**63), -(2**40), -1, 0, 1, 2**32, 2**63 - 1], np.int64),
    DType.BOOL: np.array([False, True]),
}


def _cases():
    for kind in KINDS:
        for dtype, values in VALUES.items():
            token, attrs = f"{kind}_{dtype.value}", Compare(kind)
            given = {"x0": values[:, np.newaxis], "x1": values}
            pair = [TensorType(dtype, (values.size, 1)), TensorType(dtype, (values.size,))]
            yield case(f"{token}_pairs", "compare", attrs, pair, OUT, given)
            for a, b in SHAPES if kind == "less" else SHAPES[2:3]:
                name = f"{token}_{len(a)}_{len(b)}_{sum(a)}_{sum(b)}"
                yield case(name, "compare", attrs, [TensorType(dtype, a), TensorType(dtype, b)], OUT)
            for constant in (0, 1) if kind in ("less", "greater_equal") else (0,):
                operands = [TensorType(dtype, (4, values.size))] * 2
                operands[constant] = Constant(values)
                yield case(f"{token}_constant{constant}", "compare", attrs, operands, OUT)
        every = np.arange(-128, 128).astype(np.int8)
        given = {"x0": every[:, np.newaxis], "x1": every}
        for rule in (Rule.TFLITE, Rule.TFLITE_SINGLE):
            types = [s8(256, 1, scale=0.03, zero=5), s8(256, scale=0.0021, zero=-100)]
            yield case(f"{kind}_s8_{rule.value}", "compare", Compare(kind), types, OUT, given, rule)
        types = [s8(256, 1, zero=5), s8(256, zero=5)]
        yield case(f"{kind}_s8_stored", "compare", Compare(kind), types, OUT, given)
        one = Constant(np.array([40], np.int8), quant(0.021, -100))
        types = [s8(256, 1, scale=0.03, zero=5), one]
        yield case(f"{kind}_s8_one", "compare", Compare(kind), types, OUT, {"x0": every[:, np.newaxis]}, Rule.TFLITE)
        types = [s8(5, scale=0.03, zero=5), s8(3, 5, scale=0.1, zero=-9)]
        yield case(f"{kind}_s8_swapped", "compare", Compare(kind), types, OUT, rule=Rule.TFLITE)


CASES = tuple(_cases())
