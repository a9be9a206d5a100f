"""Cases of select: every element size, ways to broadcast, constants."""

from __future__ import annotations

from barecast.graph import DType, TensorType
from barecast.ops.select import Select

from tests.cases.build import Constant, case, rng

SHAPES = (
    ((7,), (7,), (7,)),
    ((), (5,), (5,)),
    ((3, 5), (), ()),
    ((3, 1), (3, 5), (5,)),
    ((2, 1, 1), (1, 3, 1), (1, 1, 4)),
    ((2, 1, 3, 1, 2), (2, 2, 3, 2, 2), (1, 2, 1, 2, 1)),
)
TYPES = (DType.F32, DType.S8, DType.U8, DType.BOOL, DType.S16, DType.S32, DType.S64)


def _cases():
    for dtype in TYPES:
        for c, a, b in SHAPES if dtype is DType.F32 else SHAPES[2:4]:
            types = [TensorType(DType.BOOL, c), TensorType(dtype, a), TensorType(dtype, b)]
            yield case(f"{dtype.value}_{c}_{a}_{b}", "select", Select(), types, (dtype, None))
    for constant in range(3):
        operands = [TensorType(DType.BOOL, (4, 5)), TensorType(DType.F32, (5,)), TensorType(DType.F32, (4, 1))]
        held, shape = operands[constant].dtype.numpy, operands[constant].shape
        operands[constant] = Constant(rng(f"constant {constant}").integers(0, 2, shape).astype(held))
        yield case(f"constant{constant}", "select", Select(), operands, (DType.F32, None))


CASES = tuple(_cases())
