"""Arithmetic on one or two numbers at a time, and SOFTMAX."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from barecast.errors import ModelError, UnsupportedError
from barecast.frontends.tflite.attributes import activation
from barecast.frontends.tflite.pairs import operands
from barecast.frontends.tflite.scope import Scope
from barecast.graph import DType
from barecast.ops.binary import Binary
from barecast.ops.clamp import Clamp
from barecast.ops.l2norm import L2norm
from barecast.ops.log_softmax import LogSoftmax
from barecast.ops.softmax import Softmax
from barecast.ops.unary import Unary

NUMBERS = (DType.F32, DType.S8)
WIDE_NUMBERS = (*NUMBERS, DType.S16)


def binary(kind: str, scope: Scope) -> str:
    attrs = Binary(kind, activation(scope.options(f"{kind.capitalize()}Options")))
    scope.check_symmetric()
    a, b = operands(scope, *WIDE_NUMBERS, DType.S32)
    if kind == "add" and scope.type(a).dtype is DType.S32 and not attrs.activation.is_identity:
        raise UnsupportedError("has a fused activation on int32, which TFLM ignores", remedy="clamp by MAXIMUM, MINIMUM")
    return scope.finish("binary", attrs, (a, b))


def relu(scope: Scope) -> str:
    scope.check_symmetric()
    return scope.finish("unary", Unary("clamp", Clamp(0.0)), (scope.tensor(0, *WIDE_NUMBERS),))


def leaky_relu(scope: Scope) -> str:
    options = scope.options("LeakyReluOptions")
    alpha = options.Alpha() if options is not None else 0.0
    x = scope.tensor(0, *WIDE_NUMBERS)
    scope.check_symmetric()
    if not math.isfinite(alpha):
        raise ModelError(f"has the slope {alpha:g}", remedy="export the model again")
    return scope.finish("unary", Unary("leaky_relu", alpha=alpha), (x,))


def function(kind: str, scope: Scope) -> str:
    """A function of one number, in float32 or 8 bits."""
    return scope.finish("unary", Unary(kind, alpha=1.0 if kind == "elu" else 0.0), (scope.tensor(0, *NUMBERS),))


def wide_function(kind: str, scope: Scope) -> str:
    """The same, or in 16 bits."""
    scope.check_symmetric()
    return scope.finish("unary", Unary(kind), (scope.tensor(0, *WIDE_NUMBERS),))


def real_function(kind: str, scope: Scope) -> str:
    """One that TFLM has in float32 only."""
    return scope.finish("unary", Unary(kind), (scope.tensor(0, DType.F32),))


def bounded(low: float, high: float, scope: Scope) -> str:
    """A clamp that never rescales: TFLM takes the bounds in the input's steps and keeps the bytes."""
    x = scope.tensor(0, *WIDE_NUMBERS)
    type = scope.type(x)
    clamped = scope.add("unary", Unary("clamp", Clamp(low, high)), (x,), type.dtype, type.quant)
    return scope.viewed(clamped, scope.output_type())


def fixed_output(kind: str, scale: float, zero: int, scope: Scope) -> str:
    """LOGISTIC and TANH, whose integer output has one quantisation only (int16: steps of 2**-15)."""
    x = scope.tensor(0, *WIDE_NUMBERS)
    _want_fixed(scope, scale, zero)
    scope.check_symmetric()
    return scope.finish("unary", Unary(kind), (x,))


def softmax(scope: Scope) -> str:
    """Over the last axis. int8 may become int16, in steps of 2**-16."""
    options = scope.options("SoftmaxOptions")
    beta = options.Beta() if options is not None else 1.0
    x = scope.tensor(0, *WIDE_NUMBERS)
    if (scope.type(x).dtype, scope.output_type().dtype) == (DType.S8, DType.S16):
        _want_output(scope, 2.0**-16, -32768)
    else:
        _want_fixed(scope, 1 / 256, -128)
        scope.check_symmetric()
    if not scope.type(x).shape:
        raise ModelError("the input is a scalar", remedy="export the model again")
    return scope.finish("softmax", Softmax(len(scope.type(x).shape) - 1, beta), (x,))


def log_softmax(scope: Scope) -> str:
    """Over the last axis."""
    x = scope.tensor(0, *NUMBERS)
    if not scope.type(x).shape:
        raise ModelError("the input is a scalar", remedy="export the model again")
    return scope.finish("log_softmax", LogSoftmax(len(scope.type(x).shape) - 1), (x,))


def l2_normalization(scope: Scope) -> str:
    """Over the last axis; TFLM divides floats by 10**-6 at least, and fuses no activation."""
    if not activation(scope.options("L2NormOptions")).is_identity:
        raise UnsupportedError("has a fused activation, which TFLM refuses", remedy="make it an operator of its own")
    x = scope.tensor(0, *NUMBERS)
    if not 0 < len(scope.type(x).shape) <= 4:
        raise UnsupportedError(f"has {len(scope.type(x).shape)} axes; TFLM takes 1 to 4", remedy="reshape it")
    return scope.finish("l2norm", L2norm(len(scope.type(x).shape) - 1, 1e-6), (x,))


def _want_fixed(scope: Scope, scale: float, zero: int) -> None:
    """The quantisation of int8; int16 has steps of 2**-15."""
    if scope.output_type().dtype is DType.S16:
        scale, zero = 2.0**-15, 0
    _want_output(scope, scale, zero)


def _want_output(scope: Scope, scale: float, zero: int) -> None:
    quant = scope.output_type().quant
    if quant is None or scope.output_type().dtype is DType.F32:
        return
    if quant.zero_point != (zero,) or not math.isclose(quant.scale[0], scale, rel_tol=1e-3):
        raise ModelError(
            f"the output has scale {quant.scale[0]:g} and zero point {quant.zero_point[0]}, "
            f"TensorFlow Lite computes {scale:g} and {zero}",
            remedy="convert the model again",
        )


IMPORTERS: dict[str, Callable[[Scope], str]] = {
    "ADD": partial(binary, "add"),
    "SUB": partial(binary, "sub"),
    "MUL": partial(binary, "mul"),
    "RELU": relu,
    "RELU6": partial(bounded, 0.0, 6.0),
    "RELU_N1_TO_1": partial(bounded, -1.0, 1.0),
    "LOGISTIC": partial(fixed_output, "sigmoid", 1 / 256, -128),
    "TANH": partial(fixed_output, "tanh", 1 / 128, 0),
    "SOFTMAX": softmax,
    "LOG_SOFTMAX": log_softmax,
    "L2_NORMALIZATION": l2_normalization,
    "ABS": partial(wide_function, "abs"),
    "ELU": partial(function, "elu"),
    "HARD_SWISH": partial(function, "hard_swish"),
    "LEAKY_RELU": leaky_relu,
    "RSQRT": partial(wide_function, "rsqrt"),
    **{
        name.upper(): partial(real_function, name)
        for name in ("neg", "square", "sqrt", "exp", "log", "sin", "cos", "ceil", "floor", "round")
    },
}
