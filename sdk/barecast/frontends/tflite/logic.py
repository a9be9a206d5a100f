"""Comparisons, selection, casts, and operators that make or repeat constants."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from barecast.errors import ModelError, UnsupportedError
from barecast.frontends.tflite.movement import ANY
from barecast.frontends.tflite.scope import Scope
from barecast.graph import DType
from barecast.ops.cast import Cast
from barecast.ops.compare import Compare
from barecast.ops.copy import Copy
from barecast.ops.expand import Expand
from barecast.ops.select import Select

ORDERED = (DType.F32, DType.S8, DType.S32, DType.S64)
CAST = (DType.F32, DType.S8, DType.S16, DType.S32, DType.BOOL)
_AGAIN = "export the model again"


def compare(kind: str, allowed: tuple[DType, ...], scope: Scope) -> str:
    a, b = (scope.tensor(i, *allowed) for i in (0, 1))
    if scope.type(a).dtype is not scope.type(b).dtype or scope.output_type().dtype is not DType.BOOL:
        raise ModelError("compares two types, or gives no bool", remedy=_AGAIN)
    return scope.finish("compare", Compare(kind), (a, b))


def select(scope: Scope) -> str:
    """The stored numbers move, whatever their scales."""
    condition = scope.tensor(0, DType.BOOL)
    quant = scope.output_type().quant
    a, b = (scope.requoted(scope.tensor(i, DType.F32, DType.S8, DType.S16), quant) for i in (1, 2))
    if scope.type(a).dtype is not scope.type(b).dtype:
        raise ModelError("selects from two types", remedy=_AGAIN)
    return scope.finish("select", Select(), (condition, a, b))


def cast(scope: Scope) -> str:
    x, wanted = scope.tensor(0, *CAST), scope.output_type()
    scope.check_type(scope.output(), CAST)
    if scope.type(x).dtype is wanted.dtype:
        return scope.move("copy", Copy(), (x,))
    return scope.finish("cast", Cast(), (x,))


def zeros_like(scope: Scope) -> np.ndarray:
    """Stored zeros, of the input's shape."""
    x = scope.type(scope.tensor(0, DType.F32, DType.S8, DType.S32, DType.S64))
    scope.budget.grow(x.size)
    return np.zeros(x.shape, x.dtype.numpy)


def fill(scope: Scope) -> str | np.ndarray:
    """One number, constant or computed, in all places of a constant shape."""
    shape = scope.integers(0, "the shape")
    value = scope.tensor(1, DType.F32, DType.S8, DType.S32)
    if scope.type(value).shape != ():
        raise ModelError("the value is no scalar", remedy=_AGAIN)
    if min(shape, default=1) < 1:
        raise UnsupportedError(f"the shape {list(shape)} is empty", remedy="use other extents")
    if (data := scope.data(value)) is not None:
        scope.budget.grow(math.prod(shape))
        return np.full(shape, data)
    return scope.move("expand", Expand(shape), (value,))


def shape(scope: Scope) -> np.ndarray:
    if scope.output_type().dtype is not DType.S32:
        raise UnsupportedError("gives another type than int32", remedy="take the shape as int32")
    foreign = scope.foreign(0)
    if foreign is None:
        raise ModelError("has no input", remedy=_AGAIN)
    return np.array(foreign.shape, np.int32)


def broadcast_to(scope: Scope) -> str | np.ndarray:
    x = scope.tensor(0, *ANY)
    wanted = scope.integers(1, "the shape")
    if len(wanted) < len(scope.type(x).shape) or len(wanted) > 5:
        raise ModelError(f"broadcasts {list(scope.type(x).shape)} to {list(wanted)}", remedy="use at most 5 axes")
    if (data := scope.data(x)) is not None:
        try:
            scope.budget.grow(math.prod(wanted))
            return np.broadcast_to(data, wanted).copy()
        except ValueError as error:
            raise ModelError(f"does not broadcast ({error})", remedy=_AGAIN) from None
    return scope.move("expand", Expand(wanted), (x,))


def broadcast_args(scope: Scope) -> np.ndarray:
    """The shape of two constant shapes together."""
    a, b = scope.integers(0, "the first shape"), scope.integers(1, "the second shape")
    try:
        return np.array(np.broadcast_shapes(a, b), scope.output_type().dtype.numpy)
    except ValueError:
        raise ModelError(f"shapes {list(a)} and {list(b)} do not broadcast", remedy=_AGAIN) from None


IMPORTERS = {
    "EQUAL": partial(compare, "equal", (*ORDERED, DType.BOOL)),
    "NOT_EQUAL": partial(compare, "not_equal", (*ORDERED, DType.BOOL)),
    "LESS": partial(compare, "less", ORDERED),
    "LESS_EQUAL": partial(compare, "less_equal", ORDERED),
    "GREATER": partial(compare, "greater", ORDERED),
    "GREATER_EQUAL": partial(compare, "greater_equal", ORDERED),
    "SELECT_V2": select,
    "CAST": cast,
    "ZEROS_LIKE": zeros_like,
    "FILL": fill,
    "SHAPE": shape,
    "BROADCAST_TO": broadcast_to,
    "BROADCAST_ARGS": broadcast_args,
}
