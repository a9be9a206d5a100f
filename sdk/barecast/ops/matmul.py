"""matmul: a [..., M, K] times b [..., K, N], leading axes broadcast as in numpy.matmul; both at least 2-D.

In integers a has one scale and zero point, and so has b, but for one scale per column
(quantised along its last axis).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from barecast.errors import ModelError, UnsupportedError
from barecast.graph import Call, DType, TensorType
from barecast.ops import accumulate
from barecast.ops.base import Op, argument
from barecast.ops.clamp import Clamp
from barecast.schedule import Buffer, Const, Lowered

DEPTH_MAX_16 = 1 << 17
"""Products of two int16 numbers have 30 bits, and a sum of them must stay below 2**47."""


@dataclass(frozen=True)
class Matmul:
    activation: Clamp = Clamp()


@dataclass(frozen=True)
class ProductParams:
    """What the params structs of matmul and matmul_integer begin with: three loops over leading axes, then the matrices.

    a_step, b_step: elements from one matrix of an operand to the next, 0 where that is broadcast.
    """

    batch_0: int
    batch_1: int
    batch_2: int
    a_step_0: int
    a_step_1: int
    a_step_2: int
    b_step_0: int
    b_step_1: int
    b_step_2: int
    m: int
    k: int
    n: int


@dataclass(frozen=True)
class MatmulParams(ProductParams):
    """bc_matmul_params (runtime_c/kernels/matmul/matmul.h), field by field."""

    per_channel: int
    a_zero: int
    b_zero: int
    y_zero: int
    y_min: int
    y_max: int
    shift: int
    ties: int
    y_min_f: float
    y_max_f: float


def infer(attrs: Matmul, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    a, b = inputs
    if min(len(a.shape), len(b.shape)) < 2:
        raise ModelError(
            f"operands have shapes {list(a.shape)} and {list(b.shape)}", remedy="give both operands two axes or more"
        )
    if a.shape[-1] != b.shape[-2]:
        raise ModelError(
            f"{list(a.shape)} times {list(b.shape)}: {a.shape[-1]} columns against {b.shape[-2]} rows",
            remedy="correct the operands' shapes",
        )
    if min(a.shape[-2:] + b.shape[-2:]) < 1:
        raise ModelError(
            f"{list(a.shape)} times {list(b.shape)} has an empty matrix", remedy="give every axis a positive extent"
        )
    try:
        leading = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    except ValueError:
        raise ModelError(
            f"leading axes of {list(a.shape)} and {list(b.shape)} do not broadcast",
            remedy="correct the operands' shapes",
        ) from None
    for name, type, allowed in (("left", a, None), ("right", b, len(b.shape) - 1)):
        if type.quant is not None and not type.quant.per_tensor and type.quant.axis != allowed:
            raise ModelError(
                f"the {name} operand is quantised along axis {type.quant.axis}", remedy="quantise it per tensor"
            )
    return ((*leading, a.shape[-2], b.shape[-1]),)


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    a, b = (t.type for t in call.inputs)
    with np.errstate(over="ignore", invalid="ignore"):
        acc = np.matmul(accumulate.centred(arrays[0], a), accumulate.centred(arrays[1], b))
    if not accumulate.is_integer(a):
        return (accumulate.finish_f32(acc, call.attrs.activation),)
    return (accumulate.finish_s8(acc, accumulate.product_requant(call), call),)


def batch_loops(a: tuple[int, ...], b: tuple[int, ...]) -> list[tuple[int, int, int]]:
    """(extent, matrices a advances, matrices b advances) of three nested loops, outermost first.

    a, b: leading shapes. Neighbouring axes that both operands walk evenly become one loop.
    """
    rank = max(len(a), len(b))
    a, b = (1,) * (rank - len(a)) + tuple(a), (1,) * (rank - len(b)) + tuple(b)
    loops: list[tuple[int, int, int]] = []
    a_step = b_step = 1
    for a_size, b_size in zip(reversed(a), reversed(b), strict=True):
        extent = max(a_size, b_size) if min(a_size, b_size) else 0
        this = (extent, a_step if a_size > 1 else 0, b_step if b_size > 1 else 0)
        a_step, b_step = a_step * a_size, b_step * b_size
        if extent == 1:
            continue
        if loops and this[1:] == tuple(s * loops[-1][0] for s in loops[-1][1:]):
            loops[-1] = (loops[-1][0] * extent, *loops[-1][1:])
        else:
            loops.append(this)
    if len(loops) > 3:
        raise UnsupportedError(
            f"leading axes {list(a)} and {list(b)} broadcast in {len(loops)} nested ways, at most 3 are supported",
            remedy="expand one operand in the model",
        )
    return [(1, 0, 0)] * (3 - len(loops)) + loops[::-1]


def lower(call: Call) -> Lowered:
    a, b = call.inputs
    y = call.outputs[0]
    (m, k), n = a.type.shape[-2:], b.type.shape[-1]
    loops = batch_loops(a.type.shape[:-2], b.type.shape[:-2])
    rule, constants, zeros = None, [], (0, 0)
    if accumulate.is_integer(a.type):
        rule = accumulate.product_requant(call)
        constants = [Const("multiplier", rule.table)]
        zeros = accumulate.zero_point(a.type), accumulate.zero_point(b.type)
        if any(z != zeros[1] for z in b.type.quant.zero_point):
            raise UnsupportedError("the right operand has a zero point per column", remedy="quantise it symmetrically")
        if a.type.dtype is DType.S16:
            if k >= DEPTH_MAX_16:
                raise ModelError(f"sums over {k} products of 16 bits exceed 48 bits", remedy="split the product in the model")
        elif k * 255 * 255 > accumulate.INT32_MAX:
            raise ModelError(
                f"sums over {k} products of 8 bits exceed 32 bits", remedy="split the product in the model"
            )
    params = MatmulParams(
        *(extent for extent, _, _ in loops),
        *(step * m * k for _, step, _ in loops),
        *(step * k * n for _, _, step in loops),
        m,
        k,
        n,
        int(rule is not None and len(rule.multiplier) > 1),
        *zeros,
        **accumulate.output_fields(call, rule),
    )
    macs = math.prod(extent for extent, _, _ in loops) * m * k * n
    return Lowered(params, (argument(a), argument(b), *constants, Buffer(y.name, written=True)), macs)


def title(call: Call) -> str:
    a, b = (t.type.shape for t in call.inputs)
    return f"MatMul {a[-2]}x{a[-1]} by {b[-2]}x{b[-1]}{accumulate.clamp_words(call.attrs.activation)}"


OP = Op("matmul", Matmul, infer, execute, lower, MatmulParams, title)
