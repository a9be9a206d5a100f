"""conv2d: 2-D convolution (cross-correlation), channels last, with groups.

x [N, H, W, C], weights [O, KH, KW, C / groups], bias [O] or absent -> [N, OH, OW, O].
A 1-D convolution is one with H = KH = 1. Weights and bias are constants; in floats they
may be computed at run time too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from barecast.errors import ModelError
from barecast.graph import Call, TensorType
from barecast.ops import accumulate
from barecast.ops.base import Op
from barecast.ops.by_rows import WINDOW, ByRows
from barecast.ops.clamp import Clamp
from barecast.ops.window import Window, WindowParams, image
from barecast.schedule import Buffer, Lowered


@dataclass(frozen=True)
class Conv2d:
    """pads: (top, left, bottom, right), in elements of x, filled with real 0."""

    strides: tuple[int, int] = (1, 1)
    dilations: tuple[int, int] = (1, 1)
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)
    groups: int = 1
    activation: Clamp = Clamp()


@dataclass(frozen=True)
class Conv2dParams(WindowParams):
    """bc_conv2d_params (runtime_c/kernels/conv2d/conv2d.h), field by field."""

    by_rows: ClassVar[ByRows] = WINDOW

    pad_bottom: int
    pad_right: int
    groups: int
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


def infer(attrs: Conv2d, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    x, weights, bias = (*inputs, None)[:3]
    batch, height, width, channels = image(x)
    if len(weights.shape) != 4:
        raise ModelError(
            f"weights have {len(weights.shape)} axes, not 4",
            remedy="give weights [output, height, width, input channels]",
        )
    out_c, k_h, k_w, depth = weights.shape
    if attrs.groups < 1 or channels % attrs.groups or out_c % attrs.groups:
        raise ModelError(
            f"{attrs.groups} groups do not divide {channels} input and {out_c} output channels",
            remedy="correct the group count in the model",
        )
    if depth * attrs.groups != channels:
        raise ModelError(
            f"weights read {depth} channels in {attrs.groups} group(s), but the input has {channels}",
            remedy="correct the weights' shape or the group count in the model",
        )
    if min(out_c, channels) < 1:
        raise ModelError(f"{channels} input and {out_c} output channels", remedy="give both at least one channel")
    accumulate.check_bias(bias, out_c)
    accumulate.check_quant_axis(weights.quant, 0)
    return ((batch, *Window.of(attrs, (k_h, k_w)).extents(height, width), out_c),)


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    x, weights, bias = (*call.inputs, None)[:3]
    x_data, w_data, b_data = (*arrays, None)[:3]
    groups = call.attrs.groups
    batch, out_h, out_w, out_c = infer(call.attrs, tuple(t and t.type for t in (x, weights, bias)))[0]
    window = Window.of(call.attrs, w_data.shape[1:3])
    centred = accumulate.centred(x_data, x.type)
    kernel = accumulate.centred(w_data, weights.type)
    kernel = kernel.reshape(groups, out_c // groups, *w_data.shape[1:]).transpose(2, 3, 0, 4, 1)
    acc = np.zeros((groups, batch * out_h * out_w, out_c // groups))
    with np.errstate(over="ignore", invalid="ignore"):
        for row, column, tap in window.taps(centred, out_h, out_w, 0.0):
            acc += np.matmul(tap.reshape(-1, groups, tap.shape[3] // groups).transpose(1, 0, 2), kernel[row, column])
        acc = acc.transpose(1, 0, 2).reshape(batch, out_h, out_w, out_c)
        acc = acc if b_data is None else acc + b_data
    if not accumulate.is_integer(x.type):
        return (accumulate.finish_f32(acc, call.attrs.activation),)
    rule = accumulate.product_requant(call)
    return (accumulate.finish_s8(acc, rule, call),)


def lower(call: Call) -> Lowered:
    x, weights, bias = (*call.inputs, None)[:3]
    y, attrs = call.outputs[0], call.attrs
    out_c, k_h, k_w, depth = weights.type.shape
    rule, folded = None, None
    if accumulate.is_integer(x.type):
        rule, folded = accumulate.product_requant(call), accumulate.fold(call, 0)
        factors = accumulate.integer_arguments(rule, folded)
    else:
        factors = [accumulate.float_weights(weights), accumulate.float_bias_argument(bias, out_c)]
    params = Conv2dParams(
        *x.type.shape,
        *y.type.shape[1:],
        k_h,
        k_w,
        *attrs.strides,
        *attrs.dilations,
        *attrs.pads,
        attrs.groups,
        x_zero=accumulate.zero_point(x.type) if rule else 0,
        **accumulate.product_fields(call, rule, folded),
    )
    macs = y.type.size * k_h * k_w * depth
    return Lowered(params, (Buffer(x.name), *factors, Buffer(y.name, written=True)), macs)


def title(call: Call) -> str:
    _, k_h, k_w, _ = call.inputs[1].type.shape
    grouped = f" in {call.attrs.groups} groups" if call.attrs.groups > 1 else ""
    return f"Conv {k_h}x{k_w}{grouped}{accumulate.clamp_words(call.attrs.activation)}"


OP = Op("conv2d", Conv2d, infer, execute, lower, Conv2dParams, title)
