"""Cases of gather: every axis, shared axes, runs of every kind, constant tables and indices beyond the axis."""

from __future__ import annotations

import numpy as np
from barecast.graph import DType, TensorType
from barecast.ops.gather import Gather

from tests.cases.build import Case, Constant, case, f32, rng, s8, u8


def s32(*shape: int) -> TensorType:
    return TensorType(DType.S32, shape)


SHAPES = (
    ("vector", (9,), (4,), Gather(0)),
    ("rows", (5, 3), (7,), Gather(0)),
    ("columns", (4, 6), (2, 3), Gather(1)),
    ("one place", (2, 5, 3), (), Gather(1)),
    ("middle axis", (2, 5, 3), (4,), Gather(1)),
    ("shared axis", (3, 4, 2), (3, 5), Gather(1, 1)),
    ("shared and outer", (2, 3, 4, 5), (2, 2), Gather(2, 1)),
    ("all axes shared", (3, 6), (3,), Gather(1, 1)),
)


def one(make, name: str, x, places, attrs: Gather, table: bool = False) -> Case:
    generator, extent = rng(name), x[attrs.axis]
    indices = {"x1": generator.integers(-2, extent + 2, places).astype(np.int32)}
    type = make(*x)
    operand = Constant(generator.integers(-100, 100, x).astype(type.dtype.numpy), type.quant) if table else type
    operands = (operand, TensorType(DType.S32, places))
    return case(f"{type.dtype.value} {name}", "gather", attrs, operands, (type.dtype, type.quant), indices)


CASES = (
    *(one(make, *shape) for make in (f32, s8, u8) for shape in SHAPES),
    *(one(make, "table", (20, 5), (6,), Gather(0), table=True) for make in (f32, s8, s32)),
    case("constant indices", "gather", Gather(1), (s8(2, 5, 3), Constant(np.array([4, 0, 0], np.int32))),
         (DType.S8, s8(1).quant)),
)  # fmt: skip
