"""ReduceMean and Softmax."""

from __future__ import annotations

import math

from barecast.frontends.onnx.axes import one_axis, sorted_axes
from barecast.frontends.onnx.foreign import ForeignNode
from barecast.frontends.onnx.scope import Scope
from barecast.ops.reduce import LANES, Reduce
from barecast.ops.softmax import Softmax


def reduce_mean(scope: Scope, node: ForeignNode) -> str:
    """The mean over axes that are an attribute (before opset 18) or an input; without axes over all of them."""
    x = scope.real(0)
    shape = scope.type(x).shape
    if "axes" in node:
        given = node.integers("axes", ())
    else:
        value = scope.constant(1)
        given = () if value is None else tuple(int(a) for a in value.reshape(-1))
    if not given and (node.flag("noop_with_empty_axes") or not shape):
        return x
    axes = sorted_axes(given, len(shape)) if given else tuple(range(len(shape)))
    keepdims, runs = node.flag("keepdims", True), _runs(axes, shape)
    if len(runs) == 1:
        return scope.add("reduce", Reduce("mean", runs[0], keepdims, lanes=_lanes(runs[0], shape)), (x,))
    y = x
    for run in reversed(runs):
        y = scope.add("reduce", Reduce("mean", run, lanes=_lanes(run, shape)), (y,))
    return y if keepdims else scope.reshape(y, tuple(d for i, d in enumerate(shape) if i not in axes))


def _lanes(axes: tuple[int, ...], shape: tuple[int, ...]) -> int:
    """In how many lanes onnxruntime adds floats: in several where they lie in a row."""
    return LANES if math.prod(shape[axes[-1] + 1 :]) == 1 else 1


def _runs(axes: tuple[int, ...], shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The axes in groups with nothing but extents of 1 between those of a group: the mean of means is the mean."""
    runs: list[tuple[int, ...]] = []
    for axis in axes:
        if runs and math.prod(shape[runs[-1][-1] + 1 : axis]) == 1:
            runs[-1] = (*runs[-1], axis)
        else:
            runs.append((axis,))
    return runs


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


IMPORTERS = {"ReduceMean": reduce_mean, "Softmax": softmax}
