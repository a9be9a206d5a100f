"""Cases of update_slice: one axis to six, starts in front of x, on it and behind it, as int32 and int64."""

from __future__ import annotations

import numpy as np
from barecast.graph import DType, TensorType
from barecast.ops.update_slice import UpdateSlice

from tests.cases.build import Case, case, f32, quant, s8

PARTS = (
    ("vector", (9,), (4,), (3,)),
    ("rows", (5, 3), (2, 3), (2, 0)),
    ("block", (4, 5, 6), (2, 3, 4), (1, 2, 1)),
    ("too far", (4, 5, 6), (2, 3, 4), (9, 3, 2**31 - 1)),
    ("too near", (4, 5), (2, 3), (-(2**31), -1)),
    ("whole", (2, 3), (2, 3), (1, 1)),
    ("six axes", (2, 3, 2, 3, 2, 3), (1, 2, 1, 2, 1, 2), (1, 0, 1, 1, 0, 1)),
)


def s16(*shape: int) -> TensorType:
    return TensorType(DType.S16, shape, quant(0.001))


def s32(*shape: int) -> TensorType:
    return TensorType(DType.S32, shape)


def one(make, name: str, x, update, start, wide: bool = False) -> Case:
    type, dtype = make(*x), DType.S64 if wide else DType.S32
    operands = (type, make(*update), TensorType(dtype, (len(x),)))
    name = f"{type.dtype.value} {name}{' wide' * wide}"
    given = {"x2": np.array(start, dtype.numpy)}
    return case(name, "update_slice", UpdateSlice(), operands, (type.dtype, type.quant), given)


CASES = (
    *(one(make, *part) for make in (f32, s8, s16, s32) for part in PARTS),
    *(one(f32, *part, wide=True) for part in PARTS),
    one(s8, "far beyond", (4, 5), (2, 3), (2**40, -(2**40)), wide=True),
)
