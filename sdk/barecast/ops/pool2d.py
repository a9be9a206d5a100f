"""pool2d: average or maximum over windows, channels last. x [N, H, W, C] -> [N, OH, OW, C].

Padding never wins a maximum and never counts in an average, unless include_pad is set
(then it counts as real 0). Input and output of a maximum share one quantisation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barecast import numerics
from barecast.errors import ModelError
from barecast.graph import Call, DType, TensorType
from barecast.ops import accumulate, fused
from barecast.ops.base import Op
from barecast.ops.by_rows import WINDOW, ByRows
from barecast.ops.clamp import Clamp
from barecast.ops.window import Window, image
from barecast.schedule import Buffer, Const, Lowered


@dataclass(frozen=True)
class Pool2d:
    """kind: "max" or "avg". pads: (top, left, bottom, right). fused: as in ops/fused.py, of averages.

    columns_first: whether onnxruntime adds down the columns of a window first, in floats, and not row by row.
    """

    kind: str
    kernel: tuple[int, int]
    strides: tuple[int, int] = (1, 1)
    dilations: tuple[int, int] = (1, 1)
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)
    include_pad: bool = False
    activation: Clamp = Clamp()
    fused: str = ""
    columns_first: bool = False


@dataclass(frozen=True)
class Pool2dParams:
    """bc_pool2d_params (runtime_c/kernels/pool2d/pool2d.h), field by field."""

    by_rows: ClassVar[ByRows] = WINDOW

    batch: int
    in_h: int
    in_w: int
    channels: int
    out_h: int
    out_w: int
    k_h: int
    k_w: int
    stride_h: int
    stride_w: int
    dilation_h: int
    dilation_w: int
    pad_top: int
    pad_left: int
    pad_bottom: int
    pad_right: int
    is_max: int
    include_pad: int
    per_count: int
    x_zero: int
    y_zero: int
    y_min: int
    y_max: int
    shift: int
    ties: int
    y_min_f: float
    y_max_f: float
    columns_first: int
    x_scale: float
    y_scale: float
    y_offset: float
    y_back: int

    @property
    def in_c(self) -> int:
        return self.channels

    @property
    def out_c(self) -> int:
        return self.channels


def infer(attrs: Pool2d, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    (x,) = inputs
    batch, height, width, channels = image(x)
    if attrs.kind not in ("max", "avg"):
        raise ModelError(f'pooling kind "{attrs.kind}" is not known', remedy="use max or avg")
    if channels < 1:
        raise ModelError("the input has no channels", remedy="give the input a positive channel count")
    window = Window.of(attrs, attrs.kernel)
    extents = window.extents(height, width)
    for axis, (size, out) in enumerate(zip((height, width), extents, strict=True)):
        if not window.valid_taps(axis, size, out).all():
            raise ModelError("a window lies wholly on padding", remedy="pad by less than the kernel's size")
    return ((batch, *extents, channels),)


def counts(attrs: Pool2d, x: TensorType) -> np.ndarray:
    """What the sum of each window of an average is divided by: [OH, OW]."""
    _, out_h, out_w, _ = infer(attrs, (x,))[0]
    window = Window.of(attrs, attrs.kernel)
    if attrs.include_pad:
        return np.full((out_h, out_w), attrs.kernel[0] * attrs.kernel[1])
    return np.outer(window.valid_taps(0, x.shape[1], out_h), window.valid_taps(1, x.shape[2], out_w))


def _distinct_counts(attrs: Pool2d, x: TensorType) -> np.ndarray:
    """The different values of `counts`, in order."""
    if attrs.include_pad:
        return np.array([attrs.kernel[0] * attrs.kernel[1]])
    _, *extents, _ = infer(attrs, (x,))[0]
    window = Window.of(attrs, attrs.kernel)
    return np.unique(np.outer(*(np.unique(window.valid_taps(a, x.shape[a + 1], extents[a])) for a in (0, 1))))


def mean_requant(x: TensorType, y: TensorType, count: np.ndarray) -> numerics.Requant:
    """Sums of `count` elements to the type y: scale_x / (scale_y * count), one multiplier for each count."""
    scale_x, scale_y = accumulate.scale_of(x, "input"), accumulate.scale_of(y, "output")
    return accumulate.mean_requant(scale_x, scale_y, count)


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    attrs, x, y = call.attrs, call.inputs[0].type, call.outputs[0].type
    _, out_h, out_w, _ = infer(attrs, (x,))[0]
    window = Window.of(attrs, attrs.kernel)
    if attrs.kind == "max":
        largest = None
        for _, _, tap in window.taps(np.asarray(arrays[0], np.float64), out_h, out_w, -np.inf):
            largest = tap if largest is None else np.maximum(largest, tap)
        if not accumulate.is_integer(x):
            return (accumulate.finish_f32(largest, attrs.activation),)
        low, high = attrs.activation.quantized(y, call.rule)
        return (np.clip(largest, low, high).astype(y.dtype.numpy),)
    if accumulate.is_integer(x) and call.rule.is_tflite:
        return (_tflite_mean(call, arrays[0]),)
    total = sum(tap for _, _, tap in window.taps(accumulate.centred(arrays[0], x), out_h, out_w, 0.0))
    divisors = counts(attrs, x)
    if not accumulate.is_integer(x):
        return (accumulate.finish_f32(total / divisors[:, :, None], attrs.activation),)
    distinct, place = np.unique(divisors, return_inverse=True)
    rule = mean_requant(x, y, distinct)
    per_window = numerics.Requant(rule.multiplier[place.reshape(out_h, out_w, 1)], rule.shift, rule.ties)
    mean = accumulate.finish_s8(total, per_window, call)
    if rule.ties:
        halves = numerics.is_half(total.astype(np.int64) * per_window.multiplier.astype(np.int64), rule.shift)
        mean = np.where(halves, _float_mean(call, arrays[0], divisors), mean)
    return (mean,)


def _tflite_mean(call: Call, array: np.ndarray) -> np.ndarray:
    """The average of the stored numbers, halves away from zero; TFLite's input and output share one quantisation."""
    attrs, y = call.attrs, call.outputs[0].type
    divisors = counts(attrs, call.inputs[0].type)[:, :, None]
    window = Window.of(attrs, attrs.kernel)
    total = sum(tap for _, _, tap in window.taps(array.astype(np.int64), *divisors.shape[:2], 0))
    mean = np.sign(total) * ((np.abs(total) + divisors // 2) // divisors)
    return np.clip(mean, *attrs.activation.quantized(y, call.rule)).astype(y.dtype.numpy)


def _float_mean(call: Call, array: np.ndarray, divisors: np.ndarray) -> np.ndarray:
    """The average as onnxruntime computes it, in float32 and its order: it decides where the exact average is a half.

    The last bits of a float sum tip the balance there, and halves are common: a quarter of all 2 x 2 windows.
    """
    x, y = call.inputs[0].type, call.outputs[0].type
    scale_x, scale_y = (accumulate.scale_of(t, "tensor")[0] for t in (x, y))
    real = accumulate.centred(array, x).astype(np.float32) * scale_x
    parts: dict[int, np.ndarray] = {}
    for _, column, tap in Window.of(call.attrs, call.attrs.kernel).taps(real, *divisors.shape, 0.0):
        part = column if call.attrs.columns_first else 0
        parts[part] = parts.get(part, np.float32(0)) + tap
    total = np.float32(0)
    for part in parts.values():
        total = total + part
    offset, back = _offset(call)
    steps = np.rint(total / divisors[:, :, None].astype(np.float32) / scale_y + np.float32(offset)).astype(np.int64)
    low, high = call.attrs.activation.quantized(y)
    return numerics.saturate(steps, -back, low, high, y.dtype.numpy)


def _offset(call: Call) -> tuple[int, int]:
    """What is added before rounding, and what is subtracted after: a fused kernel adds its zero point before."""
    y = call.outputs[0].type
    back = fused.offset(call.attrs.fused, y)
    return (accumulate.zero_point(y) + back, back) if call.attrs.fused else (0, -accumulate.zero_point(y))


def lower(call: Call) -> Lowered:
    attrs, x, y = call.attrs, call.inputs[0], call.outputs[0]
    batch, in_h, in_w, channels = x.type.shape
    _, out_h, out_w, _ = y.type.shape
    k_h, k_w = attrs.kernel
    integer, is_max = accumulate.is_integer(x.type), attrs.kind == "max"
    distinct = _distinct_counts(attrs, x.type)
    table = np.zeros(1, np.int32)
    rule = None
    if integer and not is_max:
        if k_h * k_w * (1 << 8 * x.type.dtype.bytes) > accumulate.INT32_MAX:
            raise ModelError(f"sums over {k_h * k_w} elements exceed 32 bits", remedy="pool in two steps")
        if not call.rule.is_tflite:
            rule = mean_requant(x.type, y.type, distinct)
            table = rule.multiplier
        if rule is not None and len(distinct) > 1:
            table = np.zeros(k_h * k_w, np.int32)
            table[distinct - 1] = rule.multiplier
    fields = accumulate.output_fields(call, rule)
    if integer and rule is None:
        fields["y_min"], fields["y_max"] = attrs.activation.quantized(y.type, call.rule)
        fields["ties"] = accumulate.TIES.get(call.rule, 0)
    offset, back = _offset(call) if rule else (0, 0)
    params = Pool2dParams(
        batch,
        in_h,
        in_w,
        channels,
        out_h,
        out_w,
        k_h,
        k_w,
        *attrs.strides,
        *attrs.dilations,
        *attrs.pads,
        int(is_max),
        int(attrs.include_pad),
        int(len(table) > 1),
        accumulate.zero_point(x.type) if integer and not call.rule.is_tflite else 0,
        **fields,
        columns_first=int(attrs.columns_first),
        x_scale=float(accumulate.scale_of(x.type, "input")[0]) if rule else 0.0,
        y_scale=float(accumulate.scale_of(y.type, "output")[0]) if rule else 0.0,
        y_offset=float(offset),
        y_back=back,
    )
    constants = (Const("multiplier", table),) if integer and x.type.dtype is not DType.S16 else ()
    return Lowered(params, (Buffer(x.name), *constants, Buffer(y.name, written=True)))


def title(call: Call) -> str:
    kind = "maximum" if call.attrs.kind == "max" else "average"
    k_h, k_w = call.attrs.kernel
    return f"{kind} pool {k_h}x{k_w}{accumulate.clamp_words(call.attrs.activation)}"


OP = Op("pool2d", Pool2d, infer, execute, lower, Pool2dParams, title)
