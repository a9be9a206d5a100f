"""Operators that move elements or look at shapes: no arithmetic, so float32, int8 and uint8 alike."""

from __future__ import annotations

import math

import numpy as np

from barecast.errors import ModelError, UnsupportedError
from barecast.frontends.onnx.arrays import array
from barecast.frontends.onnx.axes import one_axis, sorted_axes
from barecast.frontends.onnx.damage import damaged
from barecast.frontends.onnx.foreign import ForeignNode
from barecast.frontends.onnx.scope import Scope, Value
from barecast.frontends.onnx.selection import PLACES_MAX
from barecast.graph import DType, Quant
from barecast.ops.concat import Concat
from barecast.ops.pad import Pad
from barecast.ops.slice import Slice
from barecast.ops.take import Take

MIRRORS = ("edge", "reflect", "wrap")
"""Modes of Pad that repeat elements; numpy has the same names."""


def constant(scope: Scope, node: ForeignNode) -> np.ndarray:
    """Every form of Constant but sparse ones and strings."""
    given = [name for name in node.attributes if name.startswith(("value", "sparse_value"))]
    if len(given) != 1:
        raise damaged(f"has {len(given)} values, it must have one")
    match given[0]:
        case "value":
            return array(node.attributes["value"].t, scope.folder)
        case "value_float":
            return np.array(node.number("value_float", 0.0, finite=False), np.float32)
        case "value_floats":
            return np.array(node.attributes["value_floats"].floats, np.float32)
        case "value_int":
            return np.array(node.integer("value_int", 0), np.int64)
        case "value_ints":
            return np.array(node.integers("value_ints", ()), np.int64)
    raise UnsupportedError(f"has a {given[0]}, which is not supported", remedy="export the model with dense numbers")


def shape(scope: Scope, node: ForeignNode) -> np.ndarray:
    """The extents from `start` to `end`, which are known."""
    extents = scope.shape(node.inputs[0])
    start, end = node.integer("start", 0), node.integer("end", len(extents))
    return np.array(extents[start:end], np.int64)


def size(scope: Scope, node: ForeignNode) -> np.ndarray:
    return np.array(math.prod(scope.shape(node.inputs[0])), np.int64)


def identity(scope: Scope, node: ForeignNode) -> Value:
    return scope.value(node.inputs[0])


def dropout(scope: Scope, node: ForeignNode) -> str:
    training = scope.constant(2)
    if training is not None and bool(scope.one(training, "training_mode")):
        raise UnsupportedError("is in training mode", remedy="export the model for inference")
    return scope.tensor(node.inputs[0])


def transpose(scope: Scope, node: ForeignNode) -> str:
    x = scope.movable(0)
    rank = len(scope.type(x).shape)
    perm = node.integers("perm", reversed(range(rank)))
    if sorted(perm) != list(range(rank)):
        raise damaged(f"perm {list(perm)} is no order of {rank} axes")
    return scope.transpose(x, perm)


def reshape(scope: Scope, node: ForeignNode) -> str:
    """0 keeps the input's extent (or means 0, with allowzero), one -1 takes what is left."""
    x = scope.movable(0)
    wanted, have = scope.constant(1), scope.type(x).shape
    if wanted.ndim != 1:
        raise damaged(f"the new shape has shape {list(wanted.shape)}, it must be a list")
    extents = [int(d) for d in wanted]
    if not node.flag("allowzero"):
        if any(d == 0 and i >= len(have) for i, d in enumerate(extents)):
            raise damaged(f"the new shape {extents} keeps an axis that {list(have)} lacks")
        extents = [have[i] if d == 0 else d for i, d in enumerate(extents)]
    if min(extents, default=0) < -1 or extents.count(-1) > 1:
        raise damaged(f"the new shape {extents} is not valid")
    if -1 in extents:
        rest = math.prod(d for d in extents if d != -1)
        extents[extents.index(-1)] = math.prod(have) // rest if rest else 0
    return scope.reshape(x, _fitting(have, extents))


def flatten(scope: Scope, node: ForeignNode) -> str:
    x = scope.movable(0)
    have = scope.type(x).shape
    axis = one_axis(node.integer("axis", 1), len(have), inclusive=True)
    return scope.reshape(x, (math.prod(have[:axis]), math.prod(have[axis:])))


def squeeze(scope: Scope, node: ForeignNode) -> str:
    """Without axes every axis of extent 1 goes."""
    x = scope.movable(0)
    have = scope.type(x).shape
    given = _axes(scope, node)
    axes = [i for i, d in enumerate(have) if d == 1] if given is None else sorted_axes(given, len(have))
    if wide := [i for i in axes if have[i] != 1]:
        raise damaged(f"axis {wide[0]} of {list(have)} is not of extent 1")
    return scope.reshape(x, tuple(d for i, d in enumerate(have) if i not in axes))


def unsqueeze(scope: Scope, node: ForeignNode) -> str:
    x = scope.movable(0)
    given = _axes(scope, node) or ()
    extents = list(scope.type(x).shape)
    for axis in sorted_axes(given, len(extents) + len(given)):
        extents.insert(axis, 1)
    return scope.reshape(x, tuple(extents))


def concat(scope: Scope, node: ForeignNode) -> str:
    tensors = [scope.movable(index) for index in range(len(node.inputs))]
    axis = one_axis(node.integer("axis", 0), len(scope.type(tensors[0]).shape))
    return tensors[0] if len(tensors) == 1 else scope.move("concat", Concat(axis), tensors)


def pad(scope: Scope, node: ForeignNode) -> str:
    """By constant amounts: with a constant, or with the tensor's own elements (modes edge, reflect and wrap)."""
    mode = node.text("mode", "constant")
    if mode not in ("constant", *MIRRORS):
        raise damaged(f'pads in mode "{mode}", which does not exist')
    x = scope.movable(0)
    rank = len(scope.type(x).shape)
    amounts, value, given = scope.constant(1), scope.constant(2), scope.constant(3)
    axes = range(rank) if given is None else [one_axis(int(a), rank) for a in given.reshape(-1)]
    sorted_axes(axes, rank)  # none of them twice
    if amounts.shape != (2 * len(axes),):
        raise damaged(f"has {amounts.size} pads for {len(axes)} axes")
    before, after = [0] * rank, [0] * rank
    for i, axis in enumerate(axes):
        before[axis], after[axis] = int(amounts[i]), int(amounts[len(axes) + i])
    x = _cropped(scope, x, before, after)
    before, after = [max(0, low) for low in before], [max(0, high) for high in after]
    if mode != "constant":
        return _mirrored(scope, x, mode, before, after)
    fill = 0 if value is None else scope.one(value, "constant_value")
    if fill != fill:
        raise damaged("constant_value is not a number")
    if not any((*before, *after)):
        return x
    if scope.type(x).dtype is not DType.F32:
        # the fill is an integer here, so what it means has to be settled
        quant = scope.type(x).quant
        quant = quant if quant is not None and quant.per_tensor else Quant((1.0,), (0,))
        x = scope.relabelled(x, quant)
        fill = (fill - quant.zero_point[0]) * quant.scale[0]
    return scope.move("pad", Pad(tuple(before), tuple(after), float(fill)), (x,))


def _cropped(scope: Scope, x: str, before: list[int], after: list[int]) -> str:
    """x without what negative pads take away: before anything is added, so that mirrors show what is left."""
    shape = scope.type(x).shape
    begin = [-min(0, low) for low in before]
    size = [extent - first + min(0, high) for extent, first, high in zip(shape, begin, after, strict=True)]
    if min(size, default=1) < 1:
        raise UnsupportedError(f"crops {list(shape)} by {before} and {after}, to nothing", remedy="use other pads")
    return x if tuple(size) == shape else scope.move("slice", Slice(tuple(begin), tuple(size), (1,) * len(shape)), (x,))


def _mirrored(scope: Scope, x: str, mode: str, before: list[int], after: list[int]) -> str:
    places = []
    for extent, low, high in zip(scope.type(x).shape, before, after, strict=True):
        if max(low, high) > PLACES_MAX or (mode != "edge" and max(low, high) > extent):
            raise UnsupportedError(f"pads {extent} elements by {low} and {high}, {mode}", remedy="use smaller pads")
        if not (low or high):
            places.append(())
        elif mode == "reflect" and extent == 1:
            places.append((0,) * (low + 1 + high))
        else:
            places.append(tuple(int(p) for p in np.pad(np.arange(extent), (low, high), mode)))
    return scope.move("take", Take(tuple(places)), (x,)) if any(places) else x


def _axes(scope: Scope, node: ForeignNode) -> tuple[int, ...] | None:
    """The axes attribute (before opset 13) or input."""
    if "axes" in node:
        return node.integers("axes", ())
    value = scope.constant(1)
    return None if value is None else tuple(int(a) for a in value.reshape(-1))


def _fitting(have: tuple[int, ...], extents: list[int]) -> tuple[int, ...]:
    if math.prod(extents) != math.prod(have):
        raise ModelError(
            f"cannot turn {list(have)} into {extents}",
            remedy="export the model again, or fix its dynamic dimensions with --shape to those it was exported for",
        )
    return tuple(extents)


IMPORTERS = {
    "Concat": concat,
    "Constant": constant,
    "Dropout": dropout,
    "Flatten": flatten,
    "Identity": identity,
    "Pad": pad,
    "Reshape": reshape,
    "Shape": shape,
    "Size": size,
    "Squeeze": squeeze,
    "Transpose": transpose,
    "Unsqueeze": unsqueeze,
}
