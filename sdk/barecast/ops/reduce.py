"""reduce: the mean, sum, maximum or minimum over some axes. GlobalAveragePool is a mean over (1, 2) with keepdims.

Any set of axes that is contiguous (axes of extent 1 count for nothing) is supported.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from barecast import numerics
from barecast.errors import ModelError, UnsupportedError
from barecast.graph import Call, TensorType
from barecast.numerics import fixed_point
from barecast.ops import accumulate, aggregate
from barecast.ops.base import Op
from barecast.ops.clamp import Clamp
from barecast.schedule import Buffer, Const, Lowered

LANES = 8
"""The partial sums of a float mean over neighbouring elements: two vectors of four."""


@dataclass(frozen=True)
class Reduce:
    """kind: one of KINDS ("all": of booleans). axes: sorted, non-negative.

    lanes: how many partial sums (1, 4 or LANES) onnxruntime adds in floats: 1 is element after element.
    fused: as in ops/fused.py; those kernels add integers.
    """

    kind: str
    axes: tuple[int, ...]
    keepdims: bool = True
    activation: Clamp = Clamp()
    lanes: int = 1
    fused: str = ""


@dataclass(frozen=True)
class ReduceParams:
    """bc_reduce_params (runtime_c/kernels/reduce/reduce.h), field by field."""

    outer: int
    n: int
    inner: int
    x_zero: int
    y_zero: int
    y_min: int
    y_max: int
    shift: int
    ties: int
    y_min_f: float
    y_max_f: float
    lanes: int
    by_sum: int
    x_scale: float
    y_scale: float


KINDS = ("mean", "sum", "max", "min", "all")


def infer(attrs: Reduce, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    (x,) = inputs
    if attrs.kind not in KINDS:
        raise ModelError(f'reduction "{attrs.kind}" is not known', remedy=f"use {', '.join(KINDS)}")
    if list(attrs.axes) != sorted(set(attrs.axes)) or any(not 0 <= a < len(x.shape) for a in attrs.axes):
        raise ModelError(
            f"axes {list(attrs.axes)} are no sorted axes of a tensor of {len(x.shape)}",
            remedy="correct axes in the model",
        )
    if any(x.shape[a] < 1 for a in attrs.axes):
        raise ModelError(f"the {attrs.kind} of nothing is not defined", remedy="give the reduced axes a positive extent")
    if attrs.lanes not in (1, 4, LANES):
        raise ModelError(f"a mean in {attrs.lanes} lanes is not known", remedy=f"use 1, 4 or {LANES}")
    split(attrs, x.shape)
    if attrs.keepdims:
        return (tuple(1 if a in attrs.axes else size for a, size in enumerate(x.shape)),)
    return (tuple(size for a, size in enumerate(x.shape) if a not in attrs.axes),)


def split(attrs: Reduce, shape: tuple[int, ...]) -> tuple[int, int, int]:
    """The input seen as [outer, n, inner], reduced over n; UnsupportedError if the axes are scattered."""
    reduced = [a for a in attrs.axes if shape[a] != 1]
    if not reduced:
        return math.prod(shape), 1, 1
    first, last = reduced[0], reduced[-1]
    scattered = [a for a in range(first, last + 1) if a not in attrs.axes and shape[a] != 1]
    if scattered:
        raise UnsupportedError(
            f"{attrs.kind} over axes {list(attrs.axes)} of shape {list(shape)}, which are not neighbours",
            remedy="reduce one group of neighbouring axes at a time",
        )
    return math.prod(shape[:first]), math.prod(shape[first : last + 1]), math.prod(shape[last + 1 :])


def is_aggregate(call: Call) -> bool:
    """Whether the kernel family `aggregate` does it: everything but means, and sums that are rescaled."""
    return call.attrs.kind not in ("mean", "sum") or (call.attrs.kind == "sum" and call.inputs[0].type.dtype.is_float)


def requant(call: Call, count: int) -> accumulate.Requant:
    """Sums of `count` elements to the output's type: scale_x / (scale_y * count), without count for a sum."""
    if call.attrs.kind == "sum":
        if not call.rule.is_tflite:
            raise UnsupportedError("there is no rule for sums of quantised numbers", remedy="compute it in float32")
        count = 1
    x, y = call.inputs[0].type, call.outputs[0].type
    scale_x, scale_y = accumulate.scale_of(x, "input"), accumulate.scale_of(y, "output")
    if call.rule.is_tflite:
        return _tflite_requant(call, float(scale_x[0]) / float(scale_y[0]), count)
    return accumulate.mean_requant(scale_x, scale_y, np.array([count]))


def _tflite_requant(call: Call, factor: float, count: int) -> fixed_point.TfliteRequant:
    """The multiplier of the scales, with its fraction bits used up as far as the division by count allows."""
    whole = accumulate.tflite_requant(np.array([factor]), call.rule)
    exponent = 31 - whole.shift
    extra = min(count.bit_length() - 1, 32, 31 + exponent)
    multiplier = (int(whole.multiplier[0]) << extra) // count
    return fixed_point.TfliteRequant(
        np.array([multiplier], np.int32), np.array([31 - exponent + extra], np.int32), whole.ties
    )


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    if is_aggregate(call):
        return (aggregate.execute(call, arrays[0]),)
    attrs, x, y = call.attrs, call.inputs[0].type, call.outputs[0].type
    shape = infer(attrs, (x,))[0]
    _, n, _ = split(attrs, x.shape)
    with np.errstate(over="ignore", invalid="ignore"):
        total = accumulate.centred(arrays[0], x).sum(axis=attrs.axes).reshape(shape)
    if not accumulate.is_integer(x):
        return (accumulate.finish_f32(total / n, attrs.activation),)
    rule = requant(call, n)
    mean = accumulate.finish_s8(total, rule, call)
    if rule.ties == 1:
        halves = numerics.is_half(total.astype(np.int64) * int(rule.multiplier[0]), rule.shift)
        steps = total.astype(np.float32) * _sum_factor(x, y, n) if attrs.fused else _float_mean(attrs, arrays[0], x, y)
        low, high = attrs.activation.quantized(y)
        rounded = np.rint(steps.reshape(shape)).astype(np.int64)
        mean = np.where(halves, numerics.saturate(rounded, accumulate.zero_point(y), low, high, mean.dtype), mean)
    return (mean,)


def _sum_factor(x: TensorType, y: TensorType, n: int) -> np.float32:
    """What onnxruntime's fused kernel multiplies a sum by: scale_x / (scale_y * n), in float32."""
    scale_x, scale_y = (accumulate.scale_of(t, "tensor")[0] for t in (x, y))
    return scale_x / (scale_y * np.float32(n))


def _float_mean(attrs: Reduce, array: np.ndarray, x: TensorType, y: TensorType) -> np.ndarray:
    """The mean as onnxruntime computes it, in float32 and this order, in steps of y: it decides about halves.

    There the last bits of a float sum tip the balance, and a classifier behind the mean
    shows it. Eight lanes add every eighth element each; then lanes k and k + 4 are added,
    then four more elements if there are, one to each lane; then the lanes, and what is left.
    Four lanes add every fourth.
    """
    outer, n, inner = split(attrs, x.shape)
    scale_x, scale_y = (accumulate.scale_of(t, "tensor")[0] for t in (x, y))
    real = accumulate.centred(array, x).astype(np.float32).reshape(outer, n, inner) * scale_x
    lanes = np.zeros((LANES, outer, inner), np.float32)
    eights = n // LANES * LANES if attrs.lanes == LANES else 0
    fours = n // 4 * 4 if attrs.lanes > 1 else 0
    for k in range(eights):
        lanes[k % LANES] += real[:, k]
    lanes = lanes[:4] + lanes[4:]
    for k in range(eights, fours):
        lanes[k % 4] += real[:, k]
    total = (lanes[0] + lanes[2]) + (lanes[1] + lanes[3])
    for k in range(fours, n):
        total = total + real[:, k]
    return total / np.float32(n) / scale_y


def lower(call: Call) -> Lowered:
    attrs, x, y = call.attrs, call.inputs[0], call.outputs[0]
    outer, n, inner = split(attrs, x.type.shape)
    if is_aggregate(call):
        return aggregate.lower(call, (outer, n, inner))
    rule, constants = None, ()
    if accumulate.is_integer(x.type):
        if n * (1 << 8 * x.type.dtype.bytes) > accumulate.INT32_MAX:
            raise ModelError(f"sums over {n} elements exceed 32 bits", remedy="reduce in two steps")
        rule = requant(call, n)
        constants = (Const("multiplier", rule.multiplier),)
    by_sum = rule is not None and bool(attrs.fused)
    x_scale = float(_sum_factor(x.type, y.type, n) if by_sum else accumulate.scale_of(x.type, "input")[0]) if rule else 0.0
    params = ReduceParams(
        outer,
        n,
        inner,
        accumulate.zero_point(x.type) if rule else 0,
        **accumulate.output_fields(call, rule),
        lanes=attrs.lanes,
        by_sum=int(by_sum),
        x_scale=x_scale,
        y_scale=float(accumulate.scale_of(y.type, "output")[0]) if rule else 0.0,
    )
    return Lowered(params, (Buffer(x.name), *constants, Buffer(y.name, written=True)))


def title(call: Call) -> str:
    attrs = call.attrs
    count = split(attrs, call.inputs[0].type.shape)[1]
    return f"{attrs.kind} over {count}{accumulate.clamp_words(attrs.activation)}"


OP = Op("reduce", Reduce, infer, execute, lower, ReduceParams, title)
