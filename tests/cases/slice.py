"""Cases of slice: each axis alone, steps forwards and backwards, six axes; elements of 1 to 8 bytes."""

from __future__ import annotations

import numpy as np
from barecast.graph import DType, TensorType
from barecast.ops.slice import Slice

from tests.cases.build import case, f32, s8, s16, u8

RANGES = (
    ("first", (6,), (0,), (1,), (1,)),
    ("last", (6,), (5,), (1,), (1,)),
    ("every second", (7,), (0,), (4,), (2,)),
    ("backwards", (7,), (6,), (7,), (-1,)),
    ("every third backwards", (9,), (7,), (3,), (-3,)),
    ("rows", (5, 3), (1, 0), (3, 3), (1, 1)),
    ("columns", (5, 7), (0, 2), (5, 3), (1, 1)),
    ("whole", (2, 3, 4), (0, 0, 0), (2, 3, 4), (1, 1, 1)),
    ("crop", (1, 6, 7, 3), (0, 1, 2, 0), (1, 4, 3, 3), (1, 1, 1, 1)),
    ("channels", (1, 3, 4, 17), (0, 0, 0, 8), (1, 3, 4, 9), (1, 1, 1, 1)),
    ("both strided", (2, 6, 7, 3), (1, 5, 0, 2), (1, 3, 4, 3), (1, -2, 2, -1)),
    ("six axes", (2, 3, 2, 3, 2, 3), (1, 2, 1, 0, 0, 1), (2, 2, 2, 2, 2, 2), (-1, -2, -1, 2, 1, 1)),
)

def s32(*shape: int) -> TensorType:
    return TensorType(DType.S32, shape)


def s64(*shape: int) -> TensorType:
    return TensorType(DType.S64, shape)


def truth(*shape: int) -> TensorType:
    return TensorType(DType.BOOL, shape)


def wide(shape: tuple[int, ...]) -> np.ndarray:
    """Numbers of which both halves count."""
    return np.arange(1, 1 + np.prod(shape)).reshape(shape) * -(2**40 + 1)


CASES = tuple(
    case(f"{make(1).dtype.value} {name}", "slice", Slice(begin, size, step), [make(*shape)],
         (make(1).dtype, make(1).quant), {"x0": wide(shape)} if make is s64 else None)
    for make in (s8, u8, s16, f32, s32, s64, truth)
    for name, shape, begin, size, step in RANGES
)  # fmt: skip
