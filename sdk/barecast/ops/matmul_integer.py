"""matmul_integer: (a - a_zero) times (b - b_zero) in int32, with leading axes broadcast as in numpy.matmul.

Inputs: a [..., M, K] and b [..., K, N] of 8 bits, at least 2-D; a_zero of a's type with one element, b_zero of b's type
with one element or one for each column. Any of them may be computed at run time. Scales play no part.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barecast.errors import ModelError
from barecast.graph import Call, TensorType
from barecast.ops import accumulate, matmul
from barecast.ops.base import Op, argument
from barecast.schedule import Buffer, Lowered


@dataclass(frozen=True)
class MatmulInteger:
    """Inputs: a, b, a_zero, b_zero."""


@dataclass(frozen=True)
class MatmulIntegerParams(matmul.ProductParams):
    """As in matmul_integer.h."""

    b_zero_step: int


def infer(attrs: MatmulInteger, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    a, b, a_zero, b_zero = inputs
    if a_zero.size != 1 or b_zero.size not in (1, b.shape[-1]):
        raise ModelError(
            f"has {a_zero.size} zero points on the left and {b_zero.size} on the right",
            remedy="give one on the left, and one or one for each column on the right",
        )
    if a.shape[-1] * 255 * 255 > accumulate.INT32_MAX:
        raise ModelError(
            f"sums over {a.shape[-1]} products of 8 bits exceed 32 bits", remedy="split the product in the model"
        )
    return matmul.infer(None, (TensorType(a.dtype, a.shape), TensorType(b.dtype, b.shape)))


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    """In float64, which holds these sums exactly."""
    a, b, a_zero, b_zero = (array.astype(np.float64) for array in arrays)
    return (np.matmul(a - a_zero.reshape(-1), b - b_zero.reshape(-1)).astype(np.int32),)


def lower(call: Call) -> Lowered:
    """Call order: a, b, a_zero, b_zero, y."""
    a, b, _, b_zero = call.inputs
    (y,) = call.outputs
    (m, k), n = a.type.shape[-2:], b.type.shape[-1]
    loops = matmul.batch_loops(a.type.shape[:-2], b.type.shape[:-2])
    params = MatmulIntegerParams(
        *(extent for extent, _, _ in loops),
        *(step * m * k for _, step, _ in loops),
        *(step * k * n for _, _, step in loops),
        m,
        k,
        n,
        int(b_zero.type.size > 1),
    )
    operands = tuple(argument(tensor) for tensor in call.inputs)
    return Lowered(params, (*operands, Buffer(y.name, written=True)), y.type.size * k)


def title(call: Call) -> str:
    a, b = (t.type.shape for t in call.inputs[:2])
    return f"MatMulInteger {a[-2]}x{a[-1]} by {b[-2]}x{b[-1]}"


OP = Op("matmul_integer", MatmulInteger, infer, execute, lower, MatmulIntegerParams, title)
