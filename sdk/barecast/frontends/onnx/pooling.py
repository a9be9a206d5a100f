"""MaxPool, AveragePool and their global forms, in one and two dimensions."""

from __future__ import annotations

import math
from dataclasses import replace

from barecast.errors import UnsupportedError
from barecast.frontends.onnx import images, windows
from barecast.frontends.onnx.foreign import ForeignNode
from barecast.frontends.onnx.scope import Scope
from barecast.frontends.onnx.windows import Windows
from barecast.ops.pad import Pad
from barecast.ops.pool2d import Pool2d
from barecast.ops.reduce import Reduce

VECTOR = 16
"""Channels that onnxruntime's float kernels for blocked layouts take at a time, with AVX-512."""

TAPS_MAX = 2**24
"""Windows times taps along one axis: the shape rule looks at each."""


def max_pool(scope: Scope, node: ForeignNode) -> str:
    """[N, C, ...] -> the same with smaller spatial extents; float32 or 8 bits."""
    x = scope.movable(0)
    axes, window = _windows(scope, node, x)
    y = scope.move("pool2d", _pool("max", window, window.pads()), (images.to_image(scope, x),))
    return images.from_image(scope, y, axes)


def average_pool(scope: Scope, node: ForeignNode) -> str:
    """As max_pool, float32. Padding counts with count_include_pad; what ceil_mode adds to it never counts."""
    x = scope.real(0)
    axes, window = _windows(scope, node, x)
    image, pads = images.to_image(scope, x), window.pads()
    include = node.flag("count_include_pad")
    if include and any(window.overhang) and any((*window.begin, *window.end)):
        # two kinds of padding in one pool: the one that counts becomes real zeros
        top, left, *_ = pads
        (over_h, over_w) = (0,) * (2 - axes) + window.overhang
        bottom, right = pads[2] - over_h, pads[3] - over_w
        image = scope.add("pad", Pad((0, top, left, 0), (0, bottom, right, 0)), (image,))
        pads = (0, 0, over_h, over_w)
        include = False
    elif any(window.overhang):
        include = False
    # The order in which onnxruntime adds floats where it does not fuse: its kernel of older opsets is replaced by
    # one that adds row by row, if the channels fill vectors.
    in_columns = not node.fused and node.version < 19 and scope.type(x).shape[1] % VECTOR and window.strides[-1] <= 2
    if _is_global(window, scope.type(x).shape[2:]):
        in_lanes = in_columns and set(window.strides) == {1}
        if in_lanes or not in_columns:
            return _mean(scope, x, node.fused, lanes=4 if in_lanes else 1)
    attrs = replace(_pool("avg", window, pads, include), fused=node.fused, columns_first=bool(in_columns))
    y = scope.add("pool2d", attrs, (image,))
    return images.from_image(scope, y, axes)


def global_average_pool(scope: Scope, node: ForeignNode) -> str:
    """[N, C, ...] -> [N, C, 1, ...], float32."""
    return _mean(scope, scope.real(0), node.fused, lanes=1 if node.fused else 4)


def global_max_pool(scope: Scope, node: ForeignNode) -> str:
    """[N, C, ...] -> [N, C, 1, ...], float32 or 8 bits."""
    x = scope.movable(0)
    axes = images.spatial_axes(scope, x)
    image = images.to_image(scope, x)
    _, height, width, _ = scope.type(image).shape
    y = scope.move("pool2d", Pool2d("max", (height, width)), (image,))
    return images.from_image(scope, y, axes)


def _windows(scope: Scope, node: ForeignNode, x: str) -> tuple[int, Windows]:
    axes = images.spatial_axes(scope, x)
    shape = scope.type(x).shape
    window = windows.of(node, shape[2:], node.counts("kernel_shape", axes, 1))
    if any(max(b, e) >= k for b, e, k in zip(window.begin, window.end, window.kernel, strict=True)):
        raise UnsupportedError(
            f"pads {list(window.begin + window.end)} reach the kernel's size {list(window.kernel)}",
            remedy="use a Pad before the pool",
        )
    if max(map(math.prod, zip(window.kernel, window.counts(shape[2:]), strict=True))) > TAPS_MAX:
        raise UnsupportedError(
            f"has windows {list(window.kernel)} over {list(shape[2:])}: too many taps", remedy="use smaller windows"
        )
    return axes, window


def _mean(scope: Scope, x: str, fused: str, lanes: int) -> str:
    """The mean over all spatial axes. lanes: the order in which onnxruntime adds there, see ops/reduce.py."""
    axes = tuple(range(1, images.spatial_axes(scope, x) + 1))
    mean = scope.add("reduce", Reduce("mean", axes, lanes=lanes, fused=fused), (images.channels_last(scope, x),))
    return images.channels_first(scope, mean)


def _is_global(window: Windows, extents: tuple[int, ...]) -> bool:
    """Whether the only window is the whole input."""
    padded = any((*window.begin, *window.end, *window.overhang))
    return not padded and tuple(window.kernel) == tuple(extents)


def _pool(kind: str, window: Windows, pads: tuple[int, int, int, int], include: bool = False) -> Pool2d:
    return Pool2d(kind, window.pair("kernel"), window.pair("strides"), window.pair("dilations"), pads, include)


IMPORTERS = {
    "AveragePool": average_pool,
    "GlobalAveragePool": global_average_pool,
    "GlobalMaxPool": global_max_pool,
    "MaxPool": max_pool,
}
