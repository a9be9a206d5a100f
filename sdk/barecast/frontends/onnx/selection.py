"""Operators that choose or repeat elements at places that are known offline: float32, int8, uint8 and bool alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from barecast.errors import UnsupportedError
from barecast.frontends.onnx.axes import one_axis, sorted_axes
from barecast.frontends.onnx.damage import damaged
from barecast.frontends.onnx.foreign import ForeignNode
from barecast.frontends.onnx.scope import Scope
from barecast.graph import DType
from barecast.ops.expand import Expand
from barecast.ops.select import Select
from barecast.ops.slice import Slice
from barecast.ops.take import PLACES_MAX, Take

_SHORTER = "use other ranges"


def slice_(scope: Scope, node: ForeignNode) -> str:
    """Starts, ends, axes and steps are constants; ends beyond the tensor are cut back to it."""
    x = scope.movable(0)
    shape = scope.type(x).shape
    starts, ends, given, steps = (_integers(scope, index) for index in range(1, 5))
    axes = tuple(range(len(starts))) if given is None else tuple(one_axis(a, len(shape)) for a in given)
    sorted_axes(axes, len(shape))  # none of them twice
    steps = (1,) * len(axes) if steps is None else steps
    if not len(starts) == len(ends) == len(axes) == len(steps):
        raise damaged(f"has {len(starts)} starts, {len(ends)} ends, {len(axes)} axes and {len(steps)} steps")
    if 0 in steps:
        raise damaged("has a step of 0")
    begin, size, step = [0] * len(shape), list(shape), [1] * len(shape)
    for axis, start, end, pace in zip(axes, starts, ends, steps, strict=True):
        chosen = range(shape[axis])[slice(start, end, pace)]
        if not len(chosen):
            raise UnsupportedError(f"leaves nothing of axis {axis} of {list(shape)}", remedy=_SHORTER)
        begin[axis], size[axis], step[axis] = chosen.start, len(chosen), pace if len(chosen) > 1 else 1
    return _sliced(scope, x, begin, size, step)


def split(scope: Scope, node: ForeignNode) -> tuple[str, ...]:
    """One slice an output. Lengths are an attribute (before opset 13) or an input; else the parts are equal."""
    x = scope.movable(0)
    shape, count = scope.type(x).shape, len(node.outputs)
    axis = one_axis(node.integer("axis", 0), len(shape))
    lengths = node.integers("split", ()) if "split" in node else _integers(scope, 1)
    if lengths is None:
        if node.integer("num_outputs", count) != count or shape[axis] < count:
            raise damaged(f"splits {shape[axis]} elements into {count} parts")
        longest = -(-shape[axis] // count)
        lengths = tuple(min(longest, shape[axis] - i * longest) for i in range(count))
    if len(lengths) != count or sum(lengths) != shape[axis] or min(lengths, default=0) < 1:
        raise damaged(f"splits axis {axis} of {list(shape)} into {list(lengths)}, which does not fit {count} outputs")
    parts, start = [], 0
    for length in lengths:
        begin, size = [0] * len(shape), list(shape)
        begin[axis], size[axis] = start, length
        parts.append(_sliced(scope, x, begin, size, [1] * len(shape)))
        start += length
    return tuple(parts)


def gather(scope: Scope, node: ForeignNode) -> str:
    """Indices are constants: they name elements along an axis, and their own shape takes that axis's place."""
    x, indices = scope.movable(0), scope.constant(1)
    shape = scope.type(x).shape
    axis = one_axis(node.integer("axis", 0), len(shape))
    flat = [_place(int(i), shape[axis], axis) for i in indices.reshape(-1)]
    if not flat or len(flat) > PLACES_MAX:
        raise UnsupportedError(f"has {len(flat)} indices", remedy="use other indices")
    chosen = taken(scope, x, {axis: flat})
    return scope.reshape(chosen, (*shape[:axis], *indices.shape, *shape[axis + 1 :]))


def tile(scope: Scope, node: ForeignNode) -> str:
    x, repeats = scope.movable(0), _integers(scope, 1)
    shape = scope.type(x).shape
    if len(repeats) != len(shape):
        raise damaged(f"has {len(repeats)} repeats for {len(shape)} axes")
    if min(repeats, default=1) < 1 or max((d * r for d, r in zip(shape, repeats, strict=True)), default=1) > PLACES_MAX:
        raise UnsupportedError(f"repeats {list(shape)} {list(repeats)} times", remedy="use other repeats")
    wide = {a: list(range(shape[a])) * r for a, r in enumerate(repeats) if r > 1}
    return taken(scope, x, wide) if wide else x


def expand(scope: Scope, node: ForeignNode) -> str:
    x, wanted = scope.movable(0), _integers(scope, 1)
    try:
        shape = np.broadcast_shapes(scope.type(x).shape, wanted)
    except ValueError:
        raise damaged(f"does not expand {list(scope.type(x).shape)} to {list(wanted)}") from None
    return x if shape == scope.type(x).shape else scope.move("expand", Expand(shape), (x,))


def depth_to_space(scope: Scope, node: ForeignNode) -> str:
    """[N, C, H, W] -> [N, C / b**2, H * b, W * b]; mode CRD has the blocks' channels outermost, DCR innermost."""
    x, block, mode = scope.movable(0), node.integer("blocksize", 0), node.text("mode", "DCR")
    batch, channels, height, width = _image(scope, x)
    if mode not in ("DCR", "CRD") or block < 1 or channels % (block * block):
        raise damaged(f"makes blocks of {block} in mode {mode} from {channels} channels")
    deep = channels // (block * block)
    if mode == "DCR":
        apart, perm = (batch, block, block, deep, height, width), (0, 3, 4, 1, 5, 2)
    else:
        apart, perm = (batch, deep, block, block, height, width), (0, 1, 4, 2, 5, 3)
    turned = scope.transpose(scope.reshape(x, apart), perm)
    return scope.reshape(turned, (batch, deep, height * block, width * block))


def space_to_depth(scope: Scope, node: ForeignNode) -> str:
    """[N, C, H, W] -> [N, C * b**2, H / b, W / b]; mode as of depth_to_space."""
    x, block, mode = scope.movable(0), node.integer("blocksize", 0), node.text("mode", "DCR")
    batch, channels, height, width = _image(scope, x)
    if mode not in ("DCR", "CRD") or block < 1 or height % block or width % block:
        raise damaged(f"makes blocks of {block} in mode {mode} from {height} x {width} pixels")
    apart = scope.reshape(x, (batch, channels, height // block, block, width // block, block))
    turned = scope.transpose(apart, (0, 3, 5, 1, 2, 4) if mode == "DCR" else (0, 1, 3, 5, 2, 4))
    return scope.reshape(turned, (batch, channels * block * block, height // block, width // block))


def trilu(scope: Scope, node: ForeignNode) -> str:
    """A triangle of each matrix, zeros elsewhere; float32. k, a constant, moves the diagonal."""
    x, k = scope.real(0), scope.constant(1)
    shape = scope.type(x).shape
    if len(shape) < 2 or (k is not None and k.size != 1):
        raise damaged(f"works on {list(shape)}, it needs two axes or more and one k")
    upwards = 0 if k is None else int(np.clip(k.reshape(()), -max(shape), max(shape)))
    cut = np.triu if node.flag("upper", True) else np.tril
    kept = cut(np.ones(shape[-2:], bool), upwards)
    if kept.all():
        return x
    zero = scope.hold("zero", np.zeros((), np.float32))
    return scope.add("select", Select(), (scope.hold("triangle", kept), x, zero), dtype=DType.F32)


def _image(scope: Scope, x: str) -> tuple[int, ...]:
    shape = scope.type(x).shape
    if len(shape) != 4:
        raise damaged(f"works on {list(shape)}, it needs 4 axes")
    return shape


def _sliced(scope: Scope, x: str, begin: Sequence[int], size: Sequence[int], step: Sequence[int]) -> str:
    if tuple(size) == scope.type(x).shape and min(step, default=1) > 0:
        return x
    return scope.move("slice", Slice(tuple(begin), tuple(size), tuple(step)), (x,))


def taken(scope: Scope, x: str, places: dict[int, list[int]]) -> str:
    """x with the elements at these places alone, in this order, along the axes that are given."""
    rank = len(scope.type(x).shape)
    return scope.move("take", Take(tuple(tuple(places.get(axis, ())) for axis in range(rank))), (x,))


def _place(index: int, extent: int, axis: int) -> int:
    if not -extent <= index < extent:
        raise damaged(f"index {index} does not lie on axis {axis}, which has extent {extent}")
    return index + extent if index < 0 else index


def _integers(scope: Scope, index: int) -> tuple[int, ...] | None:
    value = scope.constant(index)
    if value is None:
        return None
    if value.ndim != 1:
        raise damaged(f"input {index} has shape {list(value.shape)}, it must be a list")
    return tuple(int(v) for v in value)


IMPORTERS: dict[str, Callable[[Scope, ForeignNode], str | tuple[str, ...]]] = {
    "DepthToSpace": depth_to_space,
    "Expand": expand,
    "Gather": gather,
    "Slice": slice_,
    "SpaceToDepth": space_to_depth,
    "Split": split,
    "Tile": tile,
    "Trilu": trilu,
}
