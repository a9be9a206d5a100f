"""Images and their borders: resizing, mirrored padding, reversal, blocks to and from the batch."""

from __future__ import annotations

from functools import partial

import tflite

from barecast.errors import ModelError
from barecast.frontends.tflite.movement import ANY
from barecast.frontends.tflite.scope import Scope
from barecast.graph import DType
from barecast.ops.pad import Pad
from barecast.ops.resize import Resize
from barecast.ops.slice import Slice
from barecast.ops.take import Take
from barecast.ops.transpose import Transpose

NUMBERS = (DType.F32, DType.S8)
WIDE_NUMBERS = (*NUMBERS, DType.S16)


def resize(kind: str, table: str, scope: Scope) -> str:
    """The new height and width are a constant. TFLM resizes the stored numbers, whatever their scales are."""
    options = scope.options(table)
    x, size = scope.tensor(0, *(WIDE_NUMBERS if kind == "nearest" else NUMBERS)), scope.integers(1, "the size")
    _want(len(size) == 2, f"a size of {len(size)} numbers")
    align, half = (False, False) if options is None else (options.AlignCorners(), options.HalfPixelCenters())
    return scope.move("resize", Resize(kind, size, bool(align), bool(half)), (x,))


def mirror_pad(scope: Scope) -> str:
    """REFLECT leaves the outer element out, SYMMETRIC repeats it."""
    options = scope.options("MirrorPadOptions", required=True)
    skip = 1 if options.Mode() == tflite.MirrorPadMode.REFLECT else 0
    x = scope.tensor(0, *NUMBERS)
    shape, amounts = scope.type(x).shape, scope.constant(1, "the paddings")
    _want(amounts.dtype.kind == "i" and amounts.shape == (len(shape), 2), f"paddings of {list(amounts.shape)}")
    places = []
    for extent, pair in zip(shape, amounts.tolist(), strict=True):
        _want(0 <= min(pair) and max(pair) <= extent - skip, f"{pair} mirrored from an axis of {extent}")
        front, back = (range(skip, skip + pair[0])[::-1], range(extent - skip - pair[1], extent - skip)[::-1])
        places.append((*front, *range(extent), *back) if any(pair) else ())
    return scope.move("take", Take(tuple(places)), (x,))


def reverse(scope: Scope) -> str:
    x = scope.tensor(0, *ANY)
    shape, axes = scope.type(x).shape, scope.integers(1, "the axes")
    _want(all(-len(shape) <= a < len(shape) for a in axes), f"axes {list(axes)} of a tensor of {len(shape)}")
    turned = {a % len(shape) for a in axes}
    begin = tuple(d - 1 if a in turned else 0 for a, d in enumerate(shape))
    step = tuple(-1 if a in turned else 1 for a in range(len(shape)))
    return scope.move("slice", Slice(begin, shape, step), (x,))


def space_to_batch(scope: Scope) -> str:
    """[N, H * b, W * c, C] seen as [N, H, b, W, c, C] becomes [b, c, N, H, W, C], after padding."""
    x, block, amounts = _blocks(scope, "the paddings")
    quant = scope.type(x).quant
    before, after = zip((0, 0), *amounts, (0, 0), strict=True)
    if any((*before, *after)):
        x = scope.add("pad", Pad(before, after), (x,), scope.type(x).dtype, quant)
    batch, *space, channels = scope.type(x).shape
    _want(not any(n % b for n, b in zip(space, block, strict=True)), f"{space} elements in blocks of {list(block)}")
    split = [v for n, b in zip(space, block, strict=True) for v in (n // b, b)]
    count = len(block)
    inner, outer = (tuple(1 + 2 * i + odd for i in range(count)) for odd in (1, 0))
    x = scope.shaped(x, (batch, *split, channels))
    x = scope.add("transpose", Transpose((*inner, 0, *outer, 2 * count + 1)), (x,), scope.type(x).dtype, quant)
    return scope.viewed(x, scope.output_type())


def batch_to_space(scope: Scope) -> str:
    """[b, c, N, H, W, C] becomes [N, H, b, W, c, C], seen as [N, H * b, W * c, C], before cropping."""
    x, block, amounts = _blocks(scope, "the crops")
    quant, count = scope.type(x).quant, len(block)
    batch, *space, channels = scope.type(x).shape
    parts = 1
    for b in block:
        parts *= b
    _want(batch % parts == 0, f"a batch of {batch} in blocks of {list(block)}")
    x = scope.shaped(x, (*block, batch // parts, *space, channels))
    order = [v for i in range(count) for v in (count + 1 + i, i)]
    x = scope.add("transpose", Transpose((count, *order, 2 * count + 1)), (x,), scope.type(x).dtype, quant)
    whole = (batch // parts, *(n * b for n, b in zip(space, block, strict=True)), channels)
    x = scope.shaped(x, whole)
    before, after = zip((0, 0), *amounts, (0, 0), strict=True)
    if any((*before, *after)):
        size = tuple(n - b - a for n, b, a in zip(whole, before, after, strict=True))
        _want(min(size) > 0, f"crops {list(map(list, amounts))} of {list(whole)} leave nothing")
        x = scope.add("slice", Slice(before, size, (1,) * len(size)), (x,), scope.type(x).dtype, quant)
    return scope.viewed(x, scope.output_type())


def _blocks(scope: Scope, what: str) -> tuple[str, tuple[int, ...], tuple[tuple[int, int], ...]]:
    """The tensor with the output's quantisation, the block's extents and a pair of amounts for each of them."""
    x = scope.requoted(scope.tensor(0, *NUMBERS), scope.output_type().quant)
    rank, block = len(scope.type(x).shape), scope.integers(1, "the block's shape")
    amounts = scope.integers(2, what)
    _want(rank in (3, 4) and len(block) == rank - 2 and min(block) > 0, f"blocks {list(block)} of {rank} axes")
    _want(len(amounts) == 2 * len(block) and min(amounts) >= 0, f"{what} are {list(amounts)}")
    return x, block, tuple(zip(amounts[::2], amounts[1::2], strict=True))


def _want(condition: bool, reason: str) -> None:
    if not condition:
        raise ModelError(reason, remedy="export the model again")


IMPORTERS = {
    "RESIZE_BILINEAR": partial(resize, "linear", "ResizeBilinearOptions"),
    "RESIZE_NEAREST_NEIGHBOR": partial(resize, "nearest", "ResizeNearestNeighborOptions"),
    "MIRROR_PAD": mirror_pad,
    "REVERSE_V2": reverse,
    "SPACE_TO_BATCH_ND": space_to_batch,
    "BATCH_TO_SPACE_ND": batch_to_space,
}
