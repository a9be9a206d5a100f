"""Sequences of tensors: their lengths and places are known during the import, so nothing of them is left at run time."""

from __future__ import annotations

import numpy as np

from barecast.errors import UnsupportedError
from barecast.frontends.onnx.arrays import type_name
from barecast.frontends.onnx.axes import one_axis
from barecast.frontends.onnx.damage import damaged
from barecast.frontends.onnx.foreign import ForeignNode
from barecast.frontends.onnx.scope import Scope, Sequence
from barecast.ops.concat import Concat
from barecast.ops.slice import Slice

LENGTH_MAX = 2**16


def construct(scope: Scope, node: ForeignNode) -> Sequence:
    return scope.sequence_of(scope.value(name) for name in node.inputs)


def empty(scope: Scope, node: ForeignNode) -> Sequence:
    return Sequence((), type_name(node.integer("dtype", 1)))


def insert(scope: Scope, node: ForeignNode) -> Sequence:
    """The element before the place, at the end without one."""
    held, place = scope.sequence(0), scope.constant(2)
    at = len(held.values) if place is None else int(scope.one(place, "position"))
    if not -len(held.values) <= at <= len(held.values):
        raise damaged(f"place {at} does not lie in a sequence of {len(held.values)}")
    values = list(held.values)
    values.insert(at, scope.value(node.inputs[1]))
    return Sequence(tuple(values), held.element)


def erase(scope: Scope, node: ForeignNode) -> Sequence:
    held, place = scope.sequence(0), scope.constant(1)
    at = _place(held, -1 if place is None else int(scope.one(place, "position")))
    return Sequence((*held.values[:at], *held.values[at + 1 :]), held.element)


def element(scope: Scope, node: ForeignNode) -> str | np.ndarray:
    held = scope.sequence(0)
    return held.values[_place(held, int(scope.one(scope.constant(1), "position")))]


def length(scope: Scope, node: ForeignNode) -> np.ndarray:
    return np.array(len(scope.sequence(0).values), np.int64)


def split(scope: Scope, node: ForeignNode) -> Sequence:
    """Parts of one length (a scalar; the last may be shorter), of given lengths (a list), or of 1 without lengths."""
    x = scope.movable(0)
    shape, given = scope.type(x).shape, scope.constant(1)
    axis = one_axis(node.integer("axis", 0), len(shape))
    extent = shape[axis]
    if given is None or given.ndim == 0:
        part = 1 if given is None else int(given)
        if part < 1:
            raise damaged(f"splits into parts of {part}")
        lengths = [min(part, extent - start) for start in range(0, extent, part)]
    else:
        lengths = [int(v) for v in given.reshape(-1)]
    if not lengths or len(lengths) > LENGTH_MAX or min(lengths) < 1 or sum(lengths) != extent:
        raise UnsupportedError(f"splits axis {axis} of {list(shape)} into {lengths[:8]}", remedy="use other lengths")
    keep = given is not None or node.flag("keepdims", True)
    parts, start = [], 0
    for size in lengths:
        begin, sizes = [0] * len(shape), list(shape)
        begin[axis], sizes[axis] = start, size
        part = x if size == extent else scope.move("slice", Slice(tuple(begin), tuple(sizes), (1,) * len(shape)), (x,))
        parts.append(part if keep else scope.reshape(part, (*shape[:axis], *shape[axis + 1 :])))
        start += size
    return scope.sequence_of(parts)


def concat(scope: Scope, node: ForeignNode) -> str | np.ndarray:
    """The elements joined along an axis, with new_axis one of their own."""
    values = scope.sequence(0).values
    if not values:
        raise damaged("joins an empty sequence")
    axis, fresh = node.integer("axis", 0), node.flag("new_axis")
    if all(isinstance(value, np.ndarray) for value in values):
        try:
            return np.stack(values, axis) if fresh else np.concatenate(values, axis)
        except ValueError as error:
            raise damaged(f"its elements do not fit: {error}") from error
    tensors = [v if isinstance(v, str) else scope.hold(f"{node.outputs[0]}/{i}", v) for i, v in enumerate(values)]
    rank = len(scope.type(tensors[0]).shape)
    axis = one_axis(axis, rank + fresh)
    if fresh:
        shapes = [scope.type(t).shape for t in tensors]
        tensors = [scope.reshape(t, (*s[:axis], 1, *s[axis:])) for t, s in zip(tensors, shapes, strict=True)]
    return tensors[0] if len(tensors) == 1 else scope.move("concat", Concat(axis), tensors)


def _place(held: Sequence, at: int) -> int:
    if not -len(held.values) <= at < len(held.values):
        raise damaged(f"place {at} does not lie in a sequence of {len(held.values)}")
    return at % len(held.values)


IMPORTERS = {
    "ConcatFromSequence": concat,
    "SequenceAt": element,
    "SequenceConstruct": construct,
    "SequenceEmpty": empty,
    "SequenceErase": erase,
    "SequenceInsert": insert,
    "SequenceLength": length,
    "SplitToSequence": split,
}
