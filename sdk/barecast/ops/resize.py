"""resize: an image of another height and width, channels last. x [N, H, W, C] -> [N, *size, C].

Input and output share dtype and quantisation: integers are interpolated as they are stored. Where each output lies on
the input is known offline, so the kernels get tables (docs/numerics.md, "Resize").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barecast.errors import ModelError, UnsupportedError
from barecast.graph import Call, Rule, TensorType
from barecast.ops.base import Op
from barecast.ops.resize_linear import ONE, Axis, call_resize_linear, interpolate
from barecast.ops.take import chosen, lower_to_take
from barecast.ops.window import image
from barecast.schedule import Lowered

KINDS = ("nearest", "linear")

EXTENT_MAX = 2**15 - 1
"""Places along an axis are held in 16 bits."""


@dataclass(frozen=True)
class Resize:
    """kind: one of KINDS. size: (height, width).

    align_corners: the outer elements of input and output coincide, instead of their outer edges. half_pixel: an
    element lies at its centre, instead of its beginning. at: for each output row and column where it lies on the input,
    in elements, in place of these two; of linear interpolation of floats.
    """

    kind: str
    size: tuple[int, int]
    align_corners: bool = False
    half_pixel: bool = False
    at: tuple[tuple[float, ...], tuple[float, ...]] = ((), ())


def infer(attrs: Resize, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    batch, height, width, channels = image(inputs[0])
    if attrs.kind not in KINDS:
        raise ModelError(f'resizing "{attrs.kind}" is not known', remedy=f"one of {', '.join(KINDS)} is meant")
    if min(*attrs.size, height, width) < 1:
        raise ModelError(f"{height} x {width} resized to {list(attrs.size)}", remedy="give positive extents")
    if attrs.kind == "linear" and attrs.align_corners and attrs.half_pixel:
        raise ModelError("has both align_corners and half_pixel_centers", remedy="choose one of them")
    if any(attrs.at) and (attrs.kind, *map(len, attrs.at)) != ("linear", *attrs.size):
        raise ModelError("positions do not fit the size", remedy="give one for each output row and column")
    if max(*attrs.size, height, width) > EXTENT_MAX:
        raise UnsupportedError(f"an extent exceeds {EXTENT_MAX}", remedy="resize smaller images")
    return ((batch, *attrs.size, channels),)


def nearest(attrs: Resize, before: int, after: int) -> tuple[int, ...]:
    """Along one axis, the input's element of each of `after` outputs; float32 arithmetic."""
    scale = _scale(attrs, before, after)
    position = (np.arange(after, dtype=np.float32) + np.float32(0.5 if attrs.half_pixel else 0)) * scale
    if attrs.align_corners:
        whole = np.floor(position.astype(np.float64) + 0.5)  # never negative: halves away from zero are halves up
    else:
        whole = np.floor(position)
    return tuple(int(p) for p in np.clip(whole, 0, before - 1))


def listed(at: tuple[float, ...], before: int) -> Axis:
    """Along one axis, the two elements that each of these positions lies between; the outer ones hold beyond them.

    The last element is its own neighbour, by halves: then sums are rounded as in onnxruntime.
    """
    position = np.clip(np.array(at, np.float32), 0, before - 1)
    low = np.floor(position)
    places = np.stack([low, np.minimum(low + 1, before - 1)], 1)
    return Axis(places.astype(np.int16), np.where(places[:, 0] == places[:, 1], np.float32(0.5), position - low))


def linear(attrs: Resize, before: int, after: int) -> Axis:
    """Along one axis, the two elements that each output lies between, and where; float32 arithmetic."""
    scale = _scale(attrs, before, after)
    position = np.arange(after, dtype=np.float32)
    if attrs.half_pixel:
        position = (position + np.float32(0.5)) * scale - np.float32(0.5)
    else:
        position = position * scale
    low = np.clip(np.floor(position), 0, before - 1)
    places = np.stack([low, np.clip(np.ceil(position), 0, before - 1)], 1)
    return Axis(places.astype(np.int16), position - low.astype(np.float32))


def fixed_linear(attrs: Resize, before: int, after: int) -> Axis:
    """The same in integers: positions are multiples of 1/1024, the step between them is rounded to one."""
    top, bottom = (before - 1, after - 1) if attrs.align_corners and after > 1 else (before, after)
    step = (ONE * top + bottom // 2) // bottom
    position = np.arange(after, dtype=np.int64) * step
    if attrs.half_pixel:
        position += step // 2 - ONE // 2
    low = np.maximum(position // ONE, 0)  # what lies before the first element counts from there
    if int(low.max()) >= before:
        raise UnsupportedError(
            f"{before} elements to {after}: positions in steps of 1/1024 leave the input, where TFLM reads too",
            remedy="resize in two steps",
        )
    weight = position - ONE * low
    places = np.stack([low, np.minimum(-(-position // ONE), before - 1)], 1)
    return Axis(np.maximum(places, 0).astype(np.int16), weight.astype(np.int16))


def _scale(attrs: Resize, before: int, after: int) -> np.float32:
    if attrs.align_corners and after > 1:
        return np.float32(before - 1) / np.float32(after - 1)
    return np.float32(before) / np.float32(after)


def _axes(call: Call) -> tuple[Axis, Axis]:
    x = call.inputs[0].type
    if any(call.attrs.at):
        if not x.dtype.is_float:
            raise UnsupportedError("there is no rule for these positions in integers", remedy="resize in float32")
        rows, columns = (listed(at, before) for at, before in zip(call.attrs.at, x.shape[1:3], strict=True))
        return rows, columns
    place = linear if x.dtype.is_float else fixed_linear
    rows, columns = (place(call.attrs, *pair) for pair in zip(x.shape[1:3], call.attrs.size, strict=True))
    return rows, columns


def _places(call: Call) -> tuple[tuple[int, ...], ...]:
    shape = call.inputs[0].type.shape
    rows, columns = (nearest(call.attrs, *pair) for pair in zip(shape[1:3], call.attrs.size, strict=True))
    return (), rows, columns, ()


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    if call.attrs.kind == "nearest":
        return (chosen(arrays[0], _places(call)),)
    return (interpolate(arrays[0], *_axes(call), call.rule is Rule.TFLITE),)


def lower(call: Call) -> Lowered:
    """A call of `take` or `resize_linear`."""
    x, y = call.inputs[0], call.outputs[0]
    if call.attrs.kind == "nearest":
        return lower_to_take(x, y, _places(call))
    return call_resize_linear(x, y, *_axes(call), call.rule is Rule.TFLITE)


def title(call: Call) -> str:
    (_, height, width, _), (new_height, new_width) = call.inputs[0].type.shape, call.attrs.size
    return f"Resize {height}x{width} to {new_height}x{new_width}, {call.attrs.kind}"


OP = Op("resize", Resize, infer, execute, lower, None, title)
