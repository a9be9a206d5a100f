"""aggregate: sums of floats, maxima and minima over one axis. A kernel family of the operator `reduce`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barecast.errors import UnsupportedError
from barecast.graph import Call, DType
from barecast.ops.accumulate import finish_f32, float_bounds
from barecast.ops.clamp import Clamp
from barecast.schedule import Buffer, Lowered


@dataclass(frozen=True)
class AggregateParams:
    """As in aggregate.h."""

    kind: int
    outer: int
    n: int
    inner: int
    y_min: int
    y_max: int
    y_min_f: float
    y_max_f: float


PARAMS = AggregateParams
KINDS = ("sum", "max", "min")
"""In the order of BC_AGGREGATE_...; "all" of booleans is their minimum."""


def _check(call: Call) -> None:
    """UnsupportedError for the types that have no such function, or none without rescaling."""
    x, y, kind = call.inputs[0].type, call.outputs[0].type, call.attrs.kind
    known = {
        "sum": (DType.F32,),
        "max": (DType.F32, DType.S8),
        "min": (DType.F32, DType.S8),
        "all": (DType.BOOL,),
    }[kind]
    if x.dtype not in known:
        raise UnsupportedError(f"{kind} of {x.dtype.value} is not supported", remedy="compute it in float32")
    if (x.dtype, x.quant) != (y.dtype, y.quant):
        raise UnsupportedError(f"{kind} with another type or scale in the output", remedy="requantise afterwards")


def execute(call: Call, x: np.ndarray) -> np.ndarray:
    _check(call)
    attrs, y = call.attrs, call.outputs[0].type
    if attrs.kind == "sum":
        with np.errstate(over="ignore", invalid="ignore"):
            return finish_f32(x.astype(np.float64).sum(axis=attrs.axes).reshape(y.shape), attrs.activation)
    if attrs.kind == "all":
        return x.all(axis=attrs.axes).reshape(y.shape)
    # A comparison with NaN is false, and so NaN is never taken: fmax and fmin pass over it.
    found = np.fmax.reduce(x, axis=attrs.axes) if attrs.kind == "max" else np.fmin.reduce(x, axis=attrs.axes)
    if y.dtype.is_float:
        start = np.float32(-np.inf if attrs.kind == "max" else np.inf)
        return finish_f32(np.where(np.isnan(found), start, found).reshape(y.shape), attrs.activation)
    return np.clip(found.reshape(y.shape), *attrs.activation.quantized(y, call.rule)).astype(y.dtype.numpy)


def lower(call: Call, extents: tuple[int, int, int]) -> Lowered:
    """Call order: x, y. extents: outer, n, inner."""
    _check(call)
    (x,), (y,), attrs = call.inputs, call.outputs, call.attrs
    bounds = attrs.activation.quantized(y.type, call.rule) if y.type.dtype is DType.S8 else (0, 0)
    bounds_f = float_bounds(attrs.activation if y.type.dtype.is_float else Clamp())
    params = AggregateParams(KINDS.index("min" if attrs.kind == "all" else attrs.kind), *extents, *bounds, *bounds_f)
    return Lowered(params, (Buffer(x.name), Buffer(y.name, written=True)), op="aggregate")
