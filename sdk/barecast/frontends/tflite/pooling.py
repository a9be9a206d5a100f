"""AVERAGE_POOL_2D, MAX_POOL_2D and L2_POOL_2D."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from barecast.errors import ModelError
from barecast.frontends.tflite.attributes import activation, pads
from barecast.frontends.tflite.scope import Scope
from barecast.graph import DType
from barecast.ops.clamp import Clamp
from barecast.ops.pool2d import Pool2d
from barecast.ops.unary import Unary


def pool_2d(kind: str, scope: Scope) -> str:
    """TFLM pools the stored numbers: input and output count as one quantisation, the output's."""
    x = scope.tensor(0, DType.F32, DType.S8, DType.S16)
    return scope.move("pool2d", _windows(scope, kind, x), (x,))


def l2_pool_2d(scope: Scope) -> str:
    """The root of the average of squares, clamped at the end."""
    x = scope.tensor(0, DType.F32)
    attrs = _windows(scope, "avg", x)
    squares = scope.add("unary", Unary("square"), (x,), DType.F32, None)
    mean = scope.add("pool2d", replace(attrs, activation=Clamp()), (squares,), DType.F32, None)
    return scope.finish("unary", Unary("sqrt", attrs.activation), (mean,))


def _windows(scope: Scope, kind: str, x: str) -> Pool2d:
    options = scope.options("Pool2DOptions", required=True)
    shape = scope.type(x).shape
    if len(shape) != 4:
        raise ModelError(f"input has {len(shape)} axes, not 4", remedy="export the model again")
    kernel, strides = (options.FilterHeight(), options.FilterWidth()), (options.StrideH(), options.StrideW())
    around = pads(options.Padding(), shape[1:3], kernel, strides)
    return Pool2d(kind, kernel, strides, pads=around, activation=activation(options))


IMPORTERS = {
    "AVERAGE_POOL_2D": partial(pool_2d, "avg"),
    "MAX_POOL_2D": partial(pool_2d, "max"),
    "L2_POOL_2D": l2_pool_2d,
}
