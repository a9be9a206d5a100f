"""Cases of concat: every axis, 1 to 4 inputs, elements of 1, 2 and 4 bytes, a constant and an empty input."""

from __future__ import annotations

import numpy as np
from barecast.graph import DType
from barecast.ops.concat import Concat

from tests.cases.build import Constant, case, f32, quant, rng, s8, s16, u8

SIZES = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33)


def _shape(axis: int, extent: int) -> tuple[int, ...]:
    shape = [2, 3, 4, 5]
    shape[axis] = extent
    return tuple(shape)


def _cases():
    for make in (s8, u8, s16, f32):
        token = make(1).dtype.value
        out = (make(1).dtype, make(1).quant)
        for axis in range(4):
            for extents in ((3,), (1, 1), (2, 5), (4, 1, 3), (1, 2, 3, 4), (2, 0, 3)):
                name = f"{token}_axis{axis}_{'_'.join(map(str, extents))}"
                yield case(name, "concat", Concat(axis), [make(*_shape(axis, e)) for e in extents], out)
        for n in SIZES:
            yield case(f"{token}_channels{n}", "concat", Concat(1), [make(5, n), make(5, 3)], out)
        yield case(f"{token}_vectors", "concat", Concat(0), [make(7), make(9)], out)
    data = rng("concat constant").integers(-128, 127, (2, 3), endpoint=True).astype(np.int8)
    constant = Constant(data, quant(0.05))
    yield case("constant", "concat", Concat(1), [s8(2, 4), constant], (DType.S8, quant(0.05)))


CASES = tuple(_cases())
