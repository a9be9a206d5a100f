"""Cases of expand: every type, axes in front, between and behind."""

from __future__ import annotations

from barecast.graph import DType, TensorType
from barecast.ops.expand import Expand

from tests.cases.build import case

SHAPES = (
    ((), (5,)),
    ((4,), (3, 4)),
    ((3, 1), (3, 4)),
    ((1, 3, 1), (2, 3, 4)),
    ((2, 1, 3, 1, 2), (1, 2, 1, 2, 1)),
    ((2, 3), (1, 1)),
)
TYPES = (DType.F32, DType.S8, DType.U8, DType.BOOL, DType.S32, DType.S64)


def _cases():
    for dtype in TYPES:
        for x, shape in SHAPES if dtype is DType.F32 else SHAPES[2:4]:
            name = f"{dtype.value}_{x}_{shape}"
            yield case(name, "expand", Expand(shape), [TensorType(dtype, x)], (dtype, None))


CASES = tuple(_cases())
