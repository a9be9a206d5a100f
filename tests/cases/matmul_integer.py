"""Cases of matmul_integer: shapes and steps of matmul, zero points of run time and of each column, largest sums."""

from __future__ import annotations

import numpy as np
from barecast.graph import DType
from barecast.ops.matmul_integer import MatmulInteger

from tests.cases.build import Constant, case, rng, s8
from tests.cases.matmul import SHAPES, text

OUT = (DType.S32, None)


def _zeros(name: str, count: int) -> np.ndarray:
    return rng(name).integers(-128, 128, count).astype(np.int8)


def _cases():
    for a, b in SHAPES:
        name = text(a, b)
        yield case(name, "matmul_integer", MatmulInteger(), [s8(*a), s8(*b), s8(1), s8(b[-1])], OUT)
    fixed = [Constant(_zeros("b", 35).reshape(7, 5)), s8(1), Constant(_zeros("columns", 5))]
    yield case("constant b", "matmul_integer", MatmulInteger(), [s8(3, 7), *fixed], OUT)
    one = [s8(3, 7), s8(7, 5), Constant(np.int8([-128])), Constant(np.int8([127]))]
    yield case("one zero point each", "matmul_integer", MatmulInteger(), one, OUT)
    depth = 33025
    low, high = np.int8([-128]), np.int8([127])
    for name, value, zero in (("largest", 127, low), ("smallest", -128, high)):
        given = {"x0": np.full((1, depth), value, np.int8), "x1": np.full((depth, 1), 127, np.int8)}
        operands = [s8(1, depth), s8(depth, 1), Constant(zero), Constant(low)]
        yield case(f"{name} sums", "matmul_integer", MatmulInteger(), operands, OUT, given)


CASES = tuple(_cases())
