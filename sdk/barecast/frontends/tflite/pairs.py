"""Arithmetic and logic on two numbers at a time, beyond ADD, SUB and MUL."""

from __future__ import annotations

from functools import partial

import numpy as np

from barecast.errors import ModelError, UnsupportedError
from barecast.frontends.tflite.attributes import activation
from barecast.frontends.tflite.scope import Scope
from barecast.graph import DType, Quant
from barecast.ops.binary import Binary

_SAME_TYPE = "export the model again"


def operands(scope: Scope, *allowed: DType) -> tuple[str, str]:
    """Both inputs, of one type, which is the output's too."""
    a, b = scope.tensor(0, *allowed), scope.tensor(1, *allowed)
    dtypes = [scope.type(a).dtype, scope.type(b).dtype, scope.output_type().dtype]
    if len(set(dtypes)) > 1:
        raise ModelError(f"its types differ: {', '.join(d.numpy.name for d in dtypes)}", remedy=_SAME_TYPE)
    return a, b


def computed(kind: str, table: str, allowed: tuple[DType, ...], scope: Scope) -> str:
    """`table`: the options that may have a fused activation."""
    clamp = activation(scope.options(table))
    return scope.finish("binary", Binary(kind, clamp), operands(scope, *allowed))


def plain(kind: str, allowed: tuple[DType, ...], scope: Scope) -> str:
    """No activation."""
    scope.check_symmetric()
    return scope.finish("binary", Binary(kind), operands(scope, *allowed))


def stored(kind: str, scope: Scope) -> str:
    """MAXIMUM and MINIMUM compare the stored numbers, whatever their scales."""
    return scope.move("binary", Binary(kind), operands(scope, DType.F32, DType.S8, DType.S16, DType.S32, DType.S64))


def prelu(scope: Scope) -> str:
    """The slopes may be broadcast, the input not. Of int16 they are int8, widened here."""
    scope.check_symmetric()
    if scope.foreign(0) is not None and scope.foreign(0).dtype is DType.S16:
        scope.constant(1, "the slope of int16 numbers")
        x, slopes = scope.tensor(0, DType.S16), scope.tensor(1, DType.S8)
        quant = scope.type(slopes).quant
        if not quant.per_tensor:
            raise UnsupportedError("has slopes with a scale each", remedy="quantise them per tensor")
        wide = scope.data(slopes).astype(np.int16) - np.int16(quant.zero_point[0])
        slopes = scope.builder.constant(slopes, wide, Quant(quant.scale, (0,)))
    else:
        x, slopes = operands(scope, DType.F32, DType.S8)
    shape, given = scope.type(x).shape, scope.type(slopes).shape
    if len(given) > len(shape) or any(d not in (1, e) for d, e in zip(given[::-1], shape[::-1], strict=False)):
        raise UnsupportedError(
            f"its slopes {list(given)} do not broadcast to its input {list(shape)}", remedy="broadcast the input first"
        )
    return scope.finish("binary", Binary("prelu"), (x, slopes))


def logical_not(scope: Scope) -> str:
    one = scope.builder.constant("true", np.array(True))
    return scope.finish("binary", Binary("xor"), (scope.tensor(0, DType.BOOL), one))


IMPORTERS = {
    "MAXIMUM": partial(stored, "max"),
    "MINIMUM": partial(stored, "min"),
    "DIV": partial(computed, "div", "DivOptions", (DType.F32, DType.S8, DType.S32)),
    "SQUARED_DIFFERENCE": partial(plain, "squared_difference", (DType.F32, DType.S8, DType.S16, DType.S32)),
    "FLOOR_DIV": partial(plain, "floor_div", (DType.F32,)),
    "FLOOR_MOD": partial(plain, "floor_mod", (DType.F32,)),
    "PRELU": prelu,
    "LOGICAL_AND": partial(plain, "and", (DType.BOOL,)),
    "LOGICAL_OR": partial(plain, "or", (DType.BOOL,)),
    "LOGICAL_NOT": logical_not,
}
