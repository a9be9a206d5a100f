"""dwconv2d: depthwise 2-D convolution, channels last.

x [N, H, W, C], weights [KH, KW, O], bias [O] or absent -> [N, OH, OW, O], where
O = C * multiplier and output channel o reads input channel o // multiplier.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import ClassVar

import numpy as np

from barecast.errors import ModelError
from barecast.graph import Call, TensorType
from barecast.ops import accumulate
from barecast.ops.base import Op
from barecast.ops.by_rows import WINDOW, ByRows
from barecast.ops.clamp import Clamp
from barecast.ops.conv2d import Conv2dParams
from barecast.ops.window import Window, WindowParams, image
from barecast.schedule import Buffer, Const, Lowered


@dataclass(frozen=True)
class Dwconv2d:
    """pads: (top, left, bottom, right), in elements of x, filled with real 0."""

    strides: tuple[int, int] = (1, 1)
    dilations: tuple[int, int] = (1, 1)
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)
    activation: Clamp = Clamp()


@dataclass(frozen=True)
class Dwconv2dParams(WindowParams):
    """bc_dwconv2d_params (runtime_c/kernels/dwconv2d/dwconv2d.h), field by field."""

    by_rows: ClassVar[ByRows] = WINDOW

    pad_bottom: int
    pad_right: int
    depth_multiplier: int
    w_wide: int
    acc_wide: int
    per_channel: int
    x_zero: int
    y_zero: int
    y_min: int
    y_max: int
    shift: int
    ties: int
    y_min_f: float
    y_max_f: float


FEWEST_TAPS, FEWEST_OUTPUTS = 25, 8
"""Taps and outputs of an image of one channel from which on conv2d's kernels are ahead."""


def infer(attrs: Dwconv2d, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    x, weights, bias = (*inputs, None)[:3]
    batch, height, width, channels = image(x)
    if len(weights.shape) != 3:
        raise ModelError(
            f"depthwise weights have {len(weights.shape)} axes, not 3", remedy="give weights [height, width, channels]"
        )
    k_h, k_w, out_c = weights.shape
    if channels < 1 or out_c < 1 or out_c % channels:
        raise ModelError(
            f"{out_c} output channels are no multiple of {channels} input channels",
            remedy="correct the weights' shape in the model",
        )
    accumulate.check_bias(bias, out_c)
    accumulate.check_quant_axis(weights.quant, 2)
    return ((batch, *Window.of(attrs, (k_h, k_w)).extents(height, width), out_c),)


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    x, weights, bias = (*call.inputs, None)[:3]
    x_data, w_data, b_data = (*arrays, None)[:3]
    shape = infer(call.attrs, tuple(t and t.type for t in (x, weights, bias)))[0]
    window = Window.of(call.attrs, w_data.shape[:2])
    centred = np.repeat(accumulate.centred(x_data, x.type), shape[3] // x_data.shape[3], axis=3)
    kernel = accumulate.centred(w_data, weights.type)
    acc = np.zeros(shape)
    with np.errstate(over="ignore", invalid="ignore"):
        for row, column, tap in window.taps(centred, shape[1], shape[2], 0.0):
            acc += tap * kernel[row, column]
        acc = acc if b_data is None else acc + b_data
    if not accumulate.is_integer(x.type):
        return (accumulate.finish_f32(acc, call.attrs.activation),)
    rule = accumulate.product_requant(call)
    return (accumulate.finish_s8(acc, rule, call),)


def lower(call: Call) -> Lowered:
    x, weights, bias = (*call.inputs, None)[:3]
    y, attrs = call.outputs[0], call.attrs
    k_h, k_w, out_c = weights.type.shape
    in_c = x.type.shape[3]
    rule, folded = None, None
    if accumulate.is_integer(x.type):
        rule, folded = accumulate.product_requant(call), accumulate.fold(call, 2)
        constants = accumulate.integer_arguments(rule, folded)
    else:
        w_data = accumulate.constant(weights, "weights")
        constants = [Const("weights", w_data), accumulate.float_bias_argument(bias, out_c)]
    params = Dwconv2dParams(
        *x.type.shape,
        *y.type.shape[1:],
        k_h,
        k_w,
        *attrs.strides,
        *attrs.dilations,
        *attrs.pads,
        out_c // in_c,
        x_zero=accumulate.zero_point(x.type) if rule else 0,
        **accumulate.product_fields(call, rule, folded),
    )
    macs = y.type.size * k_h * k_w
    lowered = Lowered(params, (Buffer(x.name), *constants, Buffer(y.name, written=True)), macs)
    return _as_conv2d(lowered) if in_c == 1 and k_h * k_w >= FEWEST_TAPS and out_c >= FEWEST_OUTPUTS else lowered


def _as_conv2d(lowered: Lowered) -> Lowered:
    """The same as a convolution of its one input channel: all outputs share that, as conv2d's kernels have it."""
    given = {f.name: getattr(lowered.params, f.name) for f in fields(lowered.params)}
    given.pop("depth_multiplier")
    x, weights, *others = lowered.args
    turned = Const(weights.role, np.moveaxis(weights.data, 2, 0)[..., np.newaxis])
    return replace(lowered, op="conv2d", params=Conv2dParams(**given, groups=1), args=(x, turned, *others))


def title(call: Call) -> str:
    k_h, k_w, _ = call.inputs[1].type.shape
    return f"depthwise Conv {k_h}x{k_w}{accumulate.clamp_words(call.attrs.activation)}"


OP = Op("dwconv2d", Dwconv2d, infer, execute, lower, Dwconv2dParams, title)
