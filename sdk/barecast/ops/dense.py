"""dense: fully connected layer. x [..., K], weights [O, K], bias [O] or absent -> [..., O]."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from barecast.errors import ModelError
from barecast.graph import Call, TensorType
from barecast.ops import accumulate
from barecast.ops.base import Op
from barecast.ops.clamp import Clamp
from barecast.schedule import Buffer, Const, Lowered


@dataclass(frozen=True)
class Dense:
    activation: Clamp = Clamp()


@dataclass(frozen=True)
class DenseParams:
    """bc_dense_params (runtime_c/kernels/dense/dense.h), field by field."""

    rows: int
    in_c: int
    out_c: int
    w_wide: int
    acc_wide: int
    per_channel: int
    y_zero: int
    y_min: int
    y_max: int
    shift: int
    ties: int
    y_min_f: float
    y_max_f: float


def infer(attrs: Dense, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    x, weights, bias = (*inputs, None)[:3]
    if len(x.shape) < 1 or len(weights.shape) != 2:
        raise ModelError(
            f"input has {len(x.shape)} axes and weights {len(weights.shape)}, not 1 or more and 2",
            remedy="give weights [output, input channels]",
        )
    out_c, in_c = weights.shape
    if x.shape[-1] != in_c:
        raise ModelError(
            f"weights read {in_c} values a row, but the input has {x.shape[-1]}", remedy="correct the weights' shape"
        )
    if min(out_c, in_c) < 1:
        raise ModelError(f"weights have shape {list(weights.shape)}", remedy="give both axes a positive extent")
    accumulate.check_bias(bias, out_c)
    accumulate.check_quant_axis(weights.quant, 0)
    return ((*x.shape[:-1], out_c),)


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    x, weights = call.inputs[:2]
    x_data, w_data, b_data = (*arrays, None)[:3]
    with np.errstate(over="ignore", invalid="ignore"):
        acc = accumulate.centred(x_data, x.type) @ accumulate.centred(w_data, weights.type).T
        acc = acc if b_data is None else acc + b_data
    if not accumulate.is_integer(x.type):
        return (accumulate.finish_f32(acc, call.attrs.activation),)
    rule = accumulate.product_requant(call)
    return (accumulate.finish_s8(acc, rule, call),)


def lower(call: Call) -> Lowered:
    x, weights, bias = (*call.inputs, None)[:3]
    y = call.outputs[0]
    out_c, in_c = weights.type.shape
    rows = math.prod(x.type.shape[:-1])
    rule, folded = None, None
    if accumulate.is_integer(x.type):
        rule, folded = accumulate.product_requant(call), accumulate.fold(call, 0)
        constants = accumulate.integer_arguments(rule, folded)
    else:
        w_data = accumulate.constant(weights, "weights")
        constants = [Const("weights", w_data), accumulate.float_bias_argument(bias, out_c)]
    params = DenseParams(
        rows,
        in_c,
        out_c,
        **accumulate.product_fields(call, rule, folded),
    )
    return Lowered(params, (Buffer(x.name), *constants, Buffer(y.name, written=True)), rows * in_c * out_c)


def title(call: Call) -> str:
    out_c, in_c = call.inputs[1].type.shape
    return f"fully connected {in_c} to {out_c}{accumulate.clamp_words(call.attrs.activation)}"


OP = Op("dense", Dense, infer, execute, lower, DenseParams, title)
