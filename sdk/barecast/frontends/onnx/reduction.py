"""The reductions, ArgMax and ArgMin, and Softmax."""

from __future__ import annotations

import math
from functools import partial

from barecast.frontends.onnx.axes import one_axis, sorted_axes
from barecast.frontends.onnx.foreign import ForeignNode
from barecast.frontends.onnx.scope import Scope
from barecast.graph import DType
from barecast.ops.argmax import Argmax
from barecast.ops.binary import Binary
from barecast.ops.reduce import LANES, Reduce
from barecast.ops.softmax import Softmax
from barecast.ops.unary import Unary


def reduce(kind: str, before: str, after: str, scope: Scope, node: ForeignNode) -> str:
    """A mean, sum, maximum or minimum, perhaps of a function of x and with a function of the result."""
    axes = _axes(scope, node)
    x = scope.real(0)
    if axes is None:
        return x
    x = scope.add("unary", Unary(before), (x,)) if before else x
    y = reduced(scope, kind, x, axes, node.flag("keepdims", True))
    return scope.add("unary", Unary(after), (y,)) if after else y


def log_sum_exp(scope: Scope, node: ForeignNode) -> str:
    """log(sum(e**x)) as m + log(sum(e**(x - m))) with the maximum m: nothing overflows."""
    axes, x = _axes(scope, node), scope.real(0)
    if axes is None:
        return x
    highest = reduced(scope, "max", x, axes, True)
    lower = scope.add("binary", Binary("sub"), (x, highest))
    total = reduced(scope, "sum", scope.add("unary", Unary("exp"), (lower,)), axes, True)
    y = scope.add("binary", Binary("add"), (scope.add("unary", Unary("log"), (total,)), highest))
    return y if node.flag("keepdims", True) else scope.reshape(y, _without(scope.type(x).shape, axes))


def _axes(scope: Scope, node: ForeignNode) -> tuple[int, ...] | None:
    """The axes, an attribute (before opset 18, of ReduceSum 13) or an input; without them all; None: nothing is done."""
    shape = scope.shape(node.inputs[0])
    if "axes" in node:
        given = node.integers("axes", ())
    else:
        value = scope.constant(1)
        given = () if value is None else tuple(int(a) for a in value.reshape(-1))
    if not given and (node.flag("noop_with_empty_axes") or not shape):
        return None
    return sorted_axes(given, len(shape)) if given else tuple(range(len(shape)))


def reduced(scope: Scope, kind: str, x: str, axes: tuple[int, ...], keepdims: bool) -> str:
    """x without these ascending axes, or with extents of 1 there; neighbours in one step."""
    shape = scope.type(x).shape
    runs = _runs(axes, shape)
    if len(runs) == 1:
        return scope.add("reduce", Reduce(kind, runs[0], keepdims, lanes=_lanes(kind, runs[0], shape)), (x,))
    for run in reversed(runs):
        x = scope.add("reduce", Reduce(kind, run, lanes=_lanes(kind, run, shape)), (x,))
    return x if keepdims else scope.reshape(x, _without(shape, axes))


def _without(shape: tuple[int, ...], axes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(d for i, d in enumerate(shape) if i not in axes)


def _lanes(kind: str, axes: tuple[int, ...], shape: tuple[int, ...]) -> int:
    """In how many lanes onnxruntime adds the floats of a mean: in several where they lie in a row."""
    return LANES if kind == "mean" and math.prod(shape[axes[-1] + 1 :]) == 1 else 1


def _runs(axes: tuple[int, ...], shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The axes in groups with nothing but extents of 1 between those of a group: the mean of means is the mean."""
    runs: list[tuple[int, ...]] = []
    for axis in axes:
        if runs and math.prod(shape[runs[-1][-1] + 1 : axis]) == 1:
            runs[-1] = (*runs[-1], axis)
        else:
            runs.append((axis,))
    return runs


def place(smallest: bool, scope: Scope, node: ForeignNode) -> str:
    """Where the extreme is: int64 in ONNX, int32 here."""
    x = scope.movable(0)
    axis = one_axis(node.integer("axis", 0), len(scope.type(x).shape))
    attrs = Argmax(axis, smallest, node.flag("keepdims", True), node.flag("select_last_index"))
    return scope.as_long(scope.add("argmax", attrs, (x,), dtype=DType.S32))


def softmax(scope: Scope, node: ForeignNode) -> str:
    """Along one axis; before opset 13 over that axis and all behind it as if they were one."""
    x = scope.real(0)
    shape = scope.type(x).shape
    if node.version >= 13:
        return scope.add("softmax", Softmax(one_axis(node.integer("axis", -1), len(shape)), fused=node.fused), (x,))
    axis = one_axis(node.integer("axis", 1), len(shape), inclusive=True)
    wide = [i for i in range(axis, len(shape)) if shape[i] != 1]
    if len(wide) == 1:
        return scope.add("softmax", Softmax(wide[0], fused=node.fused), (x,))
    flat = scope.reshape(x, (math.prod(shape[:axis]), math.prod(shape[axis:])))
    return scope.reshape(scope.add("softmax", Softmax(1, fused=node.fused), (flat,)), shape)


IMPORTERS = {
    "ArgMax": partial(place, False),
    "ArgMin": partial(place, True),
    "ReduceL1": partial(reduce, "sum", "abs", ""),
    "ReduceL2": partial(reduce, "sum", "square", "sqrt"),
    "ReduceLogSum": partial(reduce, "sum", "", "log"),
    "ReduceLogSumExp": log_sum_exp,
    "ReduceMax": partial(reduce, "max", "", ""),
    "ReduceMean": partial(reduce, "mean", "", ""),
    "ReduceMin": partial(reduce, "min", "", ""),
    "ReduceSum": partial(reduce, "sum", "", ""),
    "ReduceSumSquare": partial(reduce, "sum", "square", ""),
    "Softmax": softmax,
}
