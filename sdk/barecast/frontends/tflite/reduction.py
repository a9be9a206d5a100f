"""MEAN, SUM, REDUCE_MAX, REDUCE_MIN, REDUCE_ALL, ARG_MAX, ARG_MIN, CUMSUM and ADD_N."""

from __future__ import annotations

from functools import partial

from barecast.errors import ModelError, UnsupportedError
from barecast.frontends.tflite.scope import Scope
from barecast.graph import DType
from barecast.ops.argmax import Argmax
from barecast.ops.binary import Binary
from barecast.ops.concat import Concat
from barecast.ops.cumsum import Cumsum
from barecast.ops.reduce import Reduce, split
from barecast.ops.transpose import Transpose

_AGAIN = "export the model again"


def reduced(kind: str, allowed: tuple[DType, ...], scope: Scope) -> str:
    """Over any constant axes; scattered ones are brought together at the end first, because int8 rounds once."""
    x = scope.tensor(0, *allowed)
    shape = scope.type(x).shape
    axes = tuple(sorted({_axis(scope, a, len(shape)) for a in scope.integers(1, "the axes")}))
    options = scope.options("ReducerOptions")
    _check_quant(kind, scope, x)
    try:
        attrs = Reduce(kind, axes, bool(options is not None and options.KeepDims()))
        split(attrs, shape)
        return scope.finish("reduce", attrs, (x,))
    except UnsupportedError:
        kept = tuple(a for a in range(len(shape)) if a not in axes)
        type, wanted = scope.type(x), scope.output_type()
        turned = scope.add("transpose", Transpose((*kept, *axes)), (x,), type.dtype, type.quant)
        last = Reduce(kind, tuple(range(len(kept), len(shape))), False)
        return scope.viewed(scope.add("reduce", last, (turned,), wanted.dtype, wanted.quant), wanted)


def _axis(scope: Scope, axis: int, rank: int) -> int:
    if not -rank <= axis < rank:
        raise ModelError(f"axis {axis} of a tensor of {rank}", remedy=_AGAIN)
    return axis % rank


def _check_quant(kind: str, scope: Scope, x: str) -> None:
    if kind in ("max", "min") and scope.type(x).quant != scope.output_type().quant:
        raise UnsupportedError("has another quantisation in its output, which TFLM refuses", remedy="quantise it alike")


def arg(smallest: bool, scope: Scope) -> str:
    x, axis = scope.tensor(0, DType.F32, DType.S8), scope.integers(1, "the axis")
    scope.check_type(scope.output(), (DType.S32,))
    if len(axis) != 1:
        raise ModelError(f"{len(axis)} axes", remedy=_AGAIN)
    attrs = Argmax(_axis(scope, axis[0], len(scope.type(x).shape)), smallest)
    return scope.finish("argmax", attrs, (x,))


def cumsum(scope: Scope) -> str:
    options = scope.options("CumsumOptions")
    x, axis = scope.tensor(0, DType.F32, DType.S8), scope.integers(1, "the axis")
    if len(axis) != 1:
        raise ModelError(f"{len(axis)} axes", remedy=_AGAIN)
    exclusive, reverse = (False, False) if options is None else (options.Exclusive(), options.Reverse())
    attrs = Cumsum(_axis(scope, axis[0], len(scope.type(x).shape)), bool(exclusive), bool(reverse))
    return scope.finish("cumsum", attrs, (x,))


def add_n(scope: Scope) -> str:
    """Floats one after the other; int8 stacked and added at once, because the sum is rounded once."""
    inputs = [scope.tensor(i, DType.F32, DType.S8) for i in range(len(scope.operator.inputs))]
    types = {scope.type(name) for name in inputs}
    if len(inputs) < 2 or len(types) > 1:
        raise UnsupportedError(
            "adds tensors of different types, shapes or scales, which TFLM refuses", remedy="use ADD, or requantise"
        )
    (type,) = types
    wanted = scope.output_type()
    if type.dtype is DType.F32:
        total = inputs[0]
        for name in inputs[1:]:
            total = scope.add("binary", Binary("add"), (total, name), type.dtype, None)
        return scope.viewed(total, wanted)
    parts = [scope.shaped(name, (1, *type.shape)) for name in inputs]
    stacked = scope.add("concat", Concat(0), parts, type.dtype, type.quant)
    return scope.finish("cumsum", Cumsum(0, total=True), (stacked,))


NUMBERS = (DType.F32, DType.S8, DType.S16)
IMPORTERS = {
    "MEAN": partial(reduced, "mean", NUMBERS),
    "SUM": partial(reduced, "sum", NUMBERS),
    "REDUCE_MAX": partial(reduced, "max", NUMBERS[:2]),
    "REDUCE_MIN": partial(reduced, "min", NUMBERS[:2]),
    "REDUCE_ALL": partial(reduced, "all", (DType.BOOL,)),
    "ARG_MAX": partial(arg, False),
    "ARG_MIN": partial(arg, True),
    "CUMSUM": cumsum,
    "ADD_N": add_n,
}
