"""Relu, Clip, and BatchNormalization as Mul and Add."""

from __future__ import annotations

import math

import numpy as np

from barecast.errors import ModelError, UnsupportedError
from barecast.frontends.onnx import images
from barecast.frontends.onnx.damage import damaged
from barecast.frontends.onnx.foreign import ForeignNode
from barecast.frontends.onnx.scope import Scope
from barecast.ops.binary import Binary
from barecast.ops.clamp import Clamp
from barecast.ops.unary import Unary


def relu(scope: Scope, node: ForeignNode) -> str:
    return scope.add("unary", Unary("clamp", Clamp(low=0.0)), (scope.real(0),))


def clip(scope: Scope, node: ForeignNode) -> str:
    """Bounds are constant inputs; an absent one bounds nothing."""
    x = scope.real(0)
    bounds = []
    for index, absent in ((1, -math.inf), (2, math.inf)):
        value = scope.constant(index)
        bounds.append(absent if value is None else float(scope.one(value, ("min", "max")[index - 1])))
    low, high = bounds
    if math.isnan(low) or math.isnan(high):
        raise damaged("a bound is not a number")
    if low == math.inf or high == -math.inf:
        raise UnsupportedError("makes every number infinite", remedy="use finite bounds")
    if low == -math.inf and high == math.inf:
        return x
    # ONNX: where min is above max, every element becomes max
    return scope.add("unary", Unary("clamp", Clamp(min(low, high), high)), (x,))


def batch_normalization(scope: Scope, node: ForeignNode) -> str:
    """x [N, C, ...]: x * factor + offset per channel, with factor and offset computed here, in float64."""
    if node.flag("training_mode"):
        raise UnsupportedError("is in training mode", remedy="export the model for inference")
    x = scope.real(0)
    shape = scope.type(x).shape
    if len(shape) < 2:
        raise damaged(f"works on {list(shape)}, it needs a channel axis")
    parameters = [scope.constant(index) for index in range(1, 5)]
    for name, value in zip(("scale", "B", "mean", "var"), parameters, strict=True):
        if value.shape != (shape[1],):
            raise damaged(f"{name} has shape {list(value.shape)}, the input has {shape[1]} channels")
    scale, bias, mean, variance = (value.astype(np.float64) for value in parameters)
    with np.errstate(all="ignore"):
        factor = scale / np.sqrt(variance + node.number("epsilon", 1e-5))
        offset = bias - mean * factor
        factor, offset = factor.astype(np.float32), offset.astype(np.float32)
    if not (np.isfinite(factor).all() and np.isfinite(offset).all()):
        raise ModelError("its parameters give factors that are not finite", remedy="retrain or repair the layer")
    last = images.channels_last(scope, x)
    scaled = scope.add("binary", Binary("mul"), (last, scope.hold(f"{node.outputs[0]}/factor", factor)))
    moved = scope.add("binary", Binary("add"), (scaled, scope.hold(f"{node.outputs[0]}/offset", offset)))
    return images.channels_first(scope, moved)


IMPORTERS = {
    "BatchNormalization": batch_normalization,
    "Clip": clip,
    "Relu": relu,
}
