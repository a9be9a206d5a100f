"""Cases of gather_nd: tuples of one to five indices, of which some lie beyond their axes."""

from __future__ import annotations

import numpy as np
from barecast.graph import DType, TensorType
from barecast.ops.gather_nd import GatherNd

from tests.cases.build import Case, case, f32, rng, s8, u8

SHAPES = (
    ("one index", (5, 3), (4, 1)),
    ("elements", (5, 3), (6, 2)),
    ("slices", (4, 3, 2, 5), (2, 3, 2)),
    ("one tuple", (4, 3, 2), (2,)),
    ("five", (2, 3, 2, 3, 2), (7, 5)),
    ("five and a run", (2, 1, 2, 3, 2, 4), (3, 5)),
)


def one(make, name: str, x, places) -> Case:
    ends = np.array(x[: places[-1]])
    indices = {"x1": rng(name).integers(-1, ends + 1, places).astype(np.int32)}
    type = make(*x)
    operands = (type, TensorType(DType.S32, places))
    return case(f"{type.dtype.value} {name}", "gather_nd", GatherNd(), operands, (type.dtype, type.quant), indices)


CASES = tuple(one(make, *shape) for make in (f32, s8, u8) for shape in SHAPES)
