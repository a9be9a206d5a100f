"""Normalisation by statistics of the input itself: means and mean squares, then the parameters, all float32."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from barecast.errors import UnsupportedError
from barecast.frontends.onnx.axes import one_axis, sorted_axes
from barecast.frontends.onnx.damage import damaged
from barecast.frontends.onnx.foreign import ForeignNode
from barecast.frontends.onnx.reduction import reduced
from barecast.frontends.onnx.scope import Scope
from barecast.ops.binary import Binary
from barecast.ops.unary import Unary


def layer(scope: Scope, node: ForeignNode) -> tuple[str, ...]:
    """Over `axis` and all behind it; scale and B broadcast to x. Further outputs: the means, and 1 / the deviations."""
    x, axes = _trailing(scope, node)
    mean = reduced(scope, "mean", x, axes, True)
    centred = scope.add("binary", Binary("sub"), (x, mean))
    root = _root(scope, centred, axes, node.number("epsilon", 1e-5))
    y = scope.add("binary", Binary("div"), (centred, root))
    y = _scaled(scope, y, scope.real(1), scope.real(2) if node.input(2) is not None else None)
    if len(node.outputs) < 3 or node.outputs[2] is None:
        return y, mean
    return y, mean, scope.add("unary", Unary("reciprocal"), (root,))


def group(scope: Scope, node: ForeignNode) -> str:
    """x [N, C, ...]: over neighbouring channels and all behind them; scale and bias [C], before opset 21 one a group."""
    if node.integer("stash_type", 1) != 1:
        raise UnsupportedError("computes in another type than float32", remedy="export it with stash_type 1")
    x = scope.real(0)
    shape, groups = scope.type(x).shape, node.integer("num_groups", 0)
    if len(shape) < 2 or groups < 1 or shape[1] % groups:
        raise damaged(f"makes {groups} groups of {list(shape)}")
    parted = scope.reshape(x, (shape[0], groups, math.prod(shape[1:]) // groups))
    y = _over_root(scope, _centred(scope, parted, (2,)), (2,), node.number("epsilon", 1e-5))
    if node.version >= 21:
        return _scaled(scope, scope.reshape(y, shape), *_of_channels(scope, shape))
    return scope.reshape(_scaled(scope, y, *_of_channels(scope, scope.type(y).shape)), shape)


def rms(scope: Scope, node: ForeignNode) -> str:
    """As `layer`, without taking the mean away, and without B."""
    x, axes = _trailing(scope, node)
    return _scaled(scope, _over_root(scope, x, axes, node.number("epsilon", 1e-5)), scope.real(1), None)


def instance(scope: Scope, node: ForeignNode) -> str:
    """x [N, C, ...]: over all axes behind the channels; scale and B [C]."""
    x = scope.real(0)
    shape = scope.type(x).shape
    if len(shape) < 3:
        raise damaged(f"works on {list(shape)}, it needs axes behind the channels")
    axes = tuple(range(2, len(shape)))
    y = _over_root(scope, _centred(scope, x, axes), axes, node.number("epsilon", 1e-5))
    return _scaled(scope, y, *_of_channels(scope, shape))


def mean_variance(scope: Scope, node: ForeignNode) -> str:
    """(x - mean) / (deviation + 1e-9) over any axes."""
    x = scope.real(0)
    axes = sorted_axes(node.integers("axes", (0, 2, 3)), len(scope.type(x).shape))
    if not axes:
        raise UnsupportedError("has no axes", remedy="name the axes to normalise over")
    centred = _centred(scope, x, axes)
    squares = reduced(scope, "mean", scope.add("unary", Unary("square"), (centred,)), axes, True)
    deviation = scope.add("unary", Unary("sqrt"), (squares,))
    moved = scope.add("binary", Binary("add"), (deviation, scope.hold(f"{node.outputs[0]}/tiny", np.float32(1e-9))))
    return scope.add("binary", Binary("div"), (centred, moved))


def _trailing(scope: Scope, node: ForeignNode) -> tuple[str, tuple[int, ...]]:
    if node.integer("stash_type", 1) != 1:
        raise UnsupportedError("computes in another type than float32", remedy="export it with stash_type 1")
    x = scope.real(0)
    rank = len(scope.type(x).shape)
    return x, tuple(range(one_axis(node.integer("axis", -1), rank), rank))


def _of_channels(scope: Scope, shape: tuple[int, ...]) -> tuple[str, str]:
    """scale and B, for each channel of [N, C, ...], as [C, 1, ...]."""
    for index, name in ((1, "scale"), (2, "B")):
        have = scope.type(scope.real(index)).shape
        if have != (shape[1],):
            raise damaged(f"{name} has shape {list(have)}, the input has {shape[1]} channels")
    wide = (shape[1], *[1] * (len(shape) - 2))
    return scope.reshape(scope.real(1), wide), scope.reshape(scope.real(2), wide)


def _centred(scope: Scope, x: str, axes: tuple[int, ...]) -> str:
    return scope.add("binary", Binary("sub"), (x, reduced(scope, "mean", x, axes, True)))


def _over_root(scope: Scope, x: str, axes: tuple[int, ...], epsilon: float) -> str:
    """x / sqrt(mean(x * x) + epsilon)."""
    return scope.add("binary", Binary("div"), (x, _root(scope, x, axes, epsilon)))


def _root(scope: Scope, x: str, axes: tuple[int, ...], epsilon: float) -> str:
    """sqrt(mean(x * x) + epsilon), with extents of 1 along the axes."""
    if not (math.isfinite(epsilon) and epsilon >= 0):
        raise damaged(f"epsilon is {epsilon:g}")
    squares = reduced(scope, "mean", scope.add("unary", Unary("square"), (x,)), axes, True)
    held = scope.hold(f"{scope.node.outputs[0]}/epsilon", np.float32(epsilon))
    return scope.add("unary", Unary("sqrt"), (scope.add("binary", Binary("add"), (squares, held)),))


def _scaled(scope: Scope, x: str, scale: str, bias: str | None) -> str:
    """x * scale + bias; the parameters broadcast, x does not."""
    shape = scope.type(x).shape
    y = scope.add("binary", Binary("mul"), (x, scale))
    y = y if bias is None else scope.add("binary", Binary("add"), (y, bias))
    if scope.type(y).shape != shape:
        raise damaged(f"its parameters do not broadcast to {list(shape)}")
    return y


IMPORTERS: dict[str, Callable[[Scope, ForeignNode], str | tuple[str, ...]]] = {
    "GroupNormalization": group,
    "InstanceNormalization": instance,
    "LayerNormalization": layer,
    "MeanVarianceNormalization": mean_variance,
    "RMSNormalization": rms,
}
