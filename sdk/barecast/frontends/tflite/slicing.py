"""SLICE, STRIDED_SLICE, SPLIT, SPLIT_V and UNPACK: parts of one tensor."""

from __future__ import annotations

from collections.abc import Sequence

from barecast.errors import ModelError, UnsupportedError
from barecast.frontends.tflite.movement import WITH_S32
from barecast.frontends.tflite.scope import Scope
from barecast.graph import DType
from barecast.ops.slice import Slice


def slice_(scope: Scope) -> str:
    """A size of -1 reaches to the end."""
    x = scope.tensor(0, *WITH_S32, DType.BOOL)
    shape = scope.type(x).shape
    begin, size = scope.integers(1, "the begin"), scope.integers(2, "the size")
    _want(len(begin) == len(size) == len(shape), f"{len(begin)} and {len(size)} numbers for {len(shape)} axes")
    size = tuple(d - b if n == -1 else n for b, n, d in zip(begin, size, shape, strict=True))
    return _part(scope, x, Slice(begin, size, (1,) * len(shape)), 0)


def strided_slice(scope: Scope) -> str:
    """Python's a[begin:end:stride], with masks that stand for left-out ends and for single indices."""
    options = scope.options("StridedSliceOptions", required=True)
    if options.EllipsisMask() or options.NewAxisMask() or options.Offset():
        raise UnsupportedError("has an ellipsis, a new axis or an offset", remedy="give a range for every axis")
    x = scope.tensor(0, *WITH_S32, DType.BOOL)
    shape = scope.type(x).shape
    begin, end, stride = (scope.integers(i, what) for i, what in ((1, "the begin"), (2, "the end"), (3, "the strides")))
    _want(len(begin) == len(end) == len(stride) == len(shape), f"ranges for {len(begin)} of {len(shape)} axes")
    _want(0 not in stride, "a stride is 0")
    ranges = []
    for axis, extent in enumerate(shape):
        bit = 1 << axis
        if options.ShrinkAxisMask() & bit:
            first = begin[axis] + (extent if begin[axis] < 0 else 0)
            ranges.append(range(first, first + 1))
            continue
        first = None if options.BeginMask() & bit else begin[axis]
        stop = None if options.EndMask() & bit else end[axis]
        ranges.append(range(*slice(first, stop, stride[axis]).indices(extent)))
    _want(all(len(r) for r in ranges), "a range is empty")
    attrs = Slice(tuple(r[0] for r in ranges), tuple(len(r) for r in ranges), tuple(r.step for r in ranges))
    return _part(scope, x, attrs, 0)


def split(scope: Scope) -> tuple[str, ...]:
    """Equal parts; the axis is the first input."""
    x = scope.tensor(1, *WITH_S32)
    axis, count = _axis(scope, x, scope.integers(0, "the axis")), len(scope.operator.outputs)
    extent = scope.type(x).shape[axis]
    _want(extent % count == 0, f"{extent} elements in {count} parts")
    return _parts(scope, x, axis, [extent // count] * count)


def split_v(scope: Scope) -> tuple[str, ...]:
    """Parts of the sizes that the second input gives; one of them may be -1, the rest."""
    x, sizes = scope.tensor(0, *WITH_S32), list(scope.integers(1, "the sizes"))
    axis = _axis(scope, x, scope.integers(2, "the axis"))
    extent = scope.type(x).shape[axis]
    if sizes.count(-1) == 1:
        sizes[sizes.index(-1)] = extent - sum(sizes) - 1
    _want(sum(sizes) == extent and len(sizes) == len(scope.operator.outputs), f"parts {sizes} of {extent}")
    return _parts(scope, x, axis, sizes)


def unpack(scope: Scope) -> tuple[str, ...]:
    x = scope.tensor(0, *WITH_S32)
    axis = _axis(scope, x, (scope.options("UnpackOptions", required=True).Axis(),))
    count = len(scope.operator.outputs)
    _want(scope.type(x).shape[axis] == count, f"{count} outputs of {list(scope.type(x).shape)}")
    return _parts(scope, x, axis, [1] * count)


def _axis(scope: Scope, x: str, given: Sequence[int]) -> int:
    rank = len(scope.type(x).shape)
    _want(len(given) == 1 and -rank <= given[0] < rank, f"axis {list(given)} of a tensor of {rank}")
    return given[0] % rank


def _parts(scope: Scope, x: str, axis: int, sizes: Sequence[int]) -> tuple[str, ...]:
    shape, start, parts = scope.type(x).shape, 0, []
    for place, size in enumerate(sizes):
        begin = tuple(start if a == axis else 0 for a in range(len(shape)))
        extents = tuple(size if a == axis else d for a, d in enumerate(shape))
        parts.append(_part(scope, x, Slice(begin, extents, (1,) * len(shape)), place))
        start += size
    return tuple(parts)


def _part(scope: Scope, x: str, attrs: Slice, place: int) -> str:
    type = scope.type(x)
    return scope.viewed(scope.add("slice", attrs, (x,), type.dtype, type.quant), scope.output_type(place))


def _want(condition: bool, reason: str) -> None:
    if not condition:
        raise ModelError(reason, remedy="export the model again")


IMPORTERS = {
    "SLICE": slice_,
    "STRIDED_SLICE": strided_slice,
    "SPLIT": split,
    "SPLIT_V": split_v,
    "UNPACK": unpack,
}
