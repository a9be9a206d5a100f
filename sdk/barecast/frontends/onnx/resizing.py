"""Resize: nearest elements are taken, linear interpolation is the operator `resize`, with positions computed here."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from barecast.errors import UnsupportedError
from barecast.frontends.onnx import images
from barecast.frontends.onnx.axes import one_axis, sorted_axes
from barecast.frontends.onnx.damage import damaged
from barecast.frontends.onnx.foreign import ForeignNode
from barecast.frontends.onnx.scope import Scope
from barecast.frontends.onnx.selection import PLACES_MAX
from barecast.graph import DType
from barecast.ops.cast import Cast
from barecast.ops.resize import Resize
from barecast.ops.take import Take


@dataclass(frozen=True)
class _Axis:
    """One axis: extents before and after, the factor that ONNX calculates with, and the part of it that is resized."""

    before: int
    after: int
    scale: np.float32
    start: np.float32
    end: np.float32


_HALF = np.float32(0.5)


def _half_pixel(axis: _Axis, x: np.ndarray) -> np.ndarray:
    return (x + _HALF) / axis.scale - _HALF


def _symmetric(axis: _Axis, x: np.ndarray) -> np.ndarray:
    """Centred, where the extent is not exactly the scaled one."""
    ratio = np.float32(axis.after) / (axis.scale * np.float32(axis.before))
    return np.float32(axis.before) * _HALF * (1 - ratio) + (x + _HALF) / axis.scale - _HALF


def _align_corners(axis: _Axis, x: np.ndarray) -> np.ndarray:
    return x * np.float32(axis.before - 1) / np.float32(axis.after - 1) if axis.after > 1 else np.zeros_like(x)


def _crop(axis: _Axis, x: np.ndarray) -> np.ndarray:
    last = np.float32(axis.before - 1)
    if axis.after == 1:
        return _HALF * (axis.start + axis.end) * last + 0 * x
    return axis.start * last + x * (axis.end - axis.start) * last / np.float32(axis.after - 1)


_COORDINATES: dict[str, Callable[[_Axis, np.ndarray], np.ndarray]] = {
    "half_pixel": _half_pixel,
    "half_pixel_symmetric": _symmetric,
    "pytorch_half_pixel": lambda axis, x: _half_pixel(axis, x) if axis.after > 1 else np.zeros_like(x),
    "tf_half_pixel_for_nn": lambda axis, x: (x + _HALF) / axis.scale,
    "align_corners": _align_corners,
    "asymmetric": lambda axis, x: x / axis.scale,
    "tf_crop_and_resize": _crop,
}
"""Where on the input each output lies, in float32. Source: ONNX's Resize, coordinate_transformation_mode."""

_NEAREST: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "round_prefer_floor": lambda x: np.ceil(x - _HALF),
    "round_prefer_ceil": lambda x: np.floor(x + _HALF),
    "floor": np.floor,
    "ceil": np.ceil,
}


def resize(scope: Scope, node: ForeignNode) -> str:
    """roi, scales and sizes are constants."""
    x = scope.movable(0)
    mode, coordinates = node.text("mode", "nearest"), node.text("coordinate_transformation_mode", "half_pixel")
    if mode not in ("nearest", "linear", "cubic") or coordinates not in _COORDINATES:
        raise damaged(f"mode {mode} with {coordinates} is not known")
    if mode == "cubic":
        raise UnsupportedError("interpolates by cubics", remedy="use linear interpolation")
    axes = _axes(scope, node, scope.type(x).shape)
    if node.flag("antialias") and mode == "linear" and any(a.after < a.before for a in axes):
        raise UnsupportedError("makes the image smaller with antialias", remedy="use average pooling")
    if all(a.before == a.after for a in axes) and coordinates != "tf_crop_and_resize":
        return x
    moved = [_moved(a, coordinates) for a in axes]
    if coordinates == "tf_crop_and_resize" and any(
        m.min() < 0 or m.max() > a.before - 1 for a, m in zip(axes, moved, strict=True)
    ):
        raise UnsupportedError("extrapolates beyond the image", remedy="pad the image first")
    if mode == "nearest":
        return _nearest(scope, node, x, axes, moved)
    return _linear(scope, x, axes, moved)


def _moved(axis: _Axis, coordinates: str) -> np.ndarray:
    """Where each output lies. An axis that is not scaled stays as it is, whatever the formula says (so onnxruntime)."""
    every = np.arange(axis.after, dtype=np.float32)
    if axis.scale == 1 and coordinates != "tf_crop_and_resize":
        return every
    return _COORDINATES[coordinates](axis, every)


def _nearest(scope: Scope, node: ForeignNode, x: str, axes: list[_Axis], moved: list[np.ndarray]) -> str:
    rounding = node.text("nearest_mode", "round_prefer_floor")
    if rounding not in _NEAREST:
        raise damaged(f'nearest_mode "{rounding}" is not known')
    places = []
    for axis, position in zip(axes, moved, strict=True):
        whole = np.clip(_NEAREST[rounding](position), 0, axis.before - 1)
        same = axis.before == axis.after and bool((whole == np.arange(axis.after)).all())
        places.append(() if same else tuple(int(p) for p in whole))
    return scope.move("take", Take(tuple(places)), (x,)) if any(places) else x


def _linear(scope: Scope, x: str, axes: list[_Axis], moved: list[np.ndarray]) -> str:
    """Of int8 the stored numbers are interpolated, in float32, and lose their fractions: so onnxruntime."""
    quant, integer = scope.type(x).quant, scope.type(x).dtype is DType.S8
    if not integer:
        x = scope.real(0)
    elif quant is not None and not quant.per_tensor:
        raise UnsupportedError("has a scale for each channel", remedy="quantise per tensor")
    spatial = images.spatial_axes(scope, x)
    if any(a.before != a.after for a in axes[:2]):
        raise UnsupportedError("interpolates between images or channels", remedy="resize height and width only")
    rows, columns = ([np.zeros(1, np.float32)] * (2 - spatial)) + moved[2:]
    size = (len(rows), len(columns))
    at = tuple(tuple(float(p) for p in positions) for positions in (rows, columns))
    image = images.to_image(scope, x)
    if integer:
        image = scope.add("cast", Cast(), (image,), dtype=DType.F32)
    y = scope.add("resize", Resize("linear", size, at=at), (image,))
    if integer:
        y = scope.add("cast", Cast(), (y,), dtype=DType.S8, quant=quant)
    return images.from_image(scope, y, spatial)


def _axes(scope: Scope, node: ForeignNode, shape: tuple[int, ...]) -> list[_Axis]:
    roi, scales, sizes = (scope.constant(index) for index in range(1, 4))
    given = node.integers("axes", range(len(shape)))
    chosen = [one_axis(a, len(shape)) for a in given]
    sorted_axes(chosen, len(shape))  # none of them twice
    count = len(chosen)
    scales = None if scales is None or not scales.size else scales.reshape(-1).astype(np.float32)
    sizes = None if sizes is None or not sizes.size else [int(s) for s in sizes.reshape(-1)]
    if (scales is None) == (sizes is None):
        raise damaged("must have either scales or sizes")
    if len(scales if sizes is None else sizes) != count:
        raise damaged(f"has scales or sizes for {len(scales if sizes is None else sizes)} axes, not {count}")
    before = [shape[a] for a in chosen]
    if sizes is None:
        if not (np.isfinite(scales).all() and (scales > 0).all()):
            raise damaged(f"has the scales {scales.tolist()}")
        after = [math.floor(np.float32(b) * s) for b, s in zip(before, scales, strict=True)]
    else:
        after, scales = _stretched(node, before, sizes)
    if min(after, default=1) < 1 or max(after, default=1) > PLACES_MAX:
        raise UnsupportedError(f"makes {after} from {before}", remedy="use other extents")
    corners = np.zeros(2 * count, np.float32)
    if node.text("coordinate_transformation_mode", "half_pixel") == "tf_crop_and_resize":
        if roi is None or roi.size != 2 * count or not np.isfinite(roi).all():
            raise damaged("has no roi of two numbers for each axis")
        corners = roi.reshape(-1).astype(np.float32)
    found = [_Axis(d, d, np.float32(1), np.float32(0), np.float32(1)) for d in shape]
    for i, axis in enumerate(chosen):
        found[axis] = _Axis(before[i], after[i], np.float32(scales[i]), corners[i], corners[count + i])
    return found


def _stretched(node: ForeignNode, before: list[int], sizes: list[int]) -> tuple[list[int], np.ndarray]:
    """Extents and scales under keep_aspect_ratio_policy."""
    if min(sizes, default=1) < 1:
        raise damaged(f"has the sizes {sizes}")
    scales = np.array(sizes, np.float32) / np.array(before, np.float32)
    policy = node.text("keep_aspect_ratio_policy", "stretch")
    if policy == "stretch":
        return sizes, scales
    if policy not in ("not_larger", "not_smaller"):
        raise damaged(f'keep_aspect_ratio_policy "{policy}" is not known')
    one = scales.min() if policy == "not_larger" else scales.max()
    return [math.floor(one * np.float32(b) + _HALF) for b in before], np.full(len(before), one)


IMPORTERS = {"Resize": resize}
