"""transpose_conv2d: transposed 2-D convolution, channels last, with groups: each input pixel adds a stamp of weights.

x [N, H, W, C], weights [O, KH, KW, C / groups], bias [O] or absent -> [N, OH, OW, O]. Input pixel (p, q) adds
w[r, s] to output (p * stride_h - pad_top + r * dilation_h, likewise along the width), as far as that lies on the
output. Weights and bias are constants.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barecast.errors import ModelError, UnsupportedError
from barecast.graph import Call, DType, TensorType
from barecast.ops import accumulate
from barecast.ops.base import Op
from barecast.ops.clamp import Clamp
from barecast.ops.window import WindowParams, image
from barecast.schedule import Buffer, Const, Lowered


@dataclass(frozen=True)
class TransposeConv2d:
    """size: (height, width) of the output. pads: (top, left), what is cut off in front of it, 0 or more."""

    size: tuple[int, int]
    strides: tuple[int, int] = (1, 1)
    dilations: tuple[int, int] = (1, 1)
    pads: tuple[int, int] = (0, 0)
    groups: int = 1
    activation: Clamp = Clamp()


@dataclass(frozen=True)
class TransposeConv2dParams(WindowParams):
    """bc_transpose_conv2d_params (runtime_c/kernels/transpose_conv2d/transpose_conv2d.h), field by field."""

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


def infer(attrs: TransposeConv2d, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    x, weights, bias = (*inputs, None)[:3]
    batch, height, width, channels = image(x)
    out_c, k_h, k_w, depth = image(weights, "weights")
    for name, values, least in (
        ("kernel", (k_h, k_w), 1),
        ("strides", attrs.strides, 1),
        ("dilations", attrs.dilations, 1),
        ("pads", attrs.pads, 0),
        ("size", attrs.size, 1),
        ("input", (height, width), 1),
        ("channels", (channels, out_c), 1),
    ):
        if min(values) < least:
            raise ModelError(f"{name} {list(values)} must be {least} or more", remedy=f"correct {name} in the model")
    if attrs.groups < 1 or out_c % attrs.groups or depth * attrs.groups != channels:
        raise ModelError(
            f"weights [{out_c},{k_h},{k_w},{depth}] in {attrs.groups} group(s) do not fit {channels} channels",
            remedy="correct the weights' shape or the group count in the model",
        )
    accumulate.check_bias(bias, out_c)
    accumulate.check_quant_axis(weights.quant, 0)
    return ((batch, *attrs.size, out_c),)


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    x, weights = call.inputs[0].type, call.inputs[1].type
    x_data, w_data, b_data = (*arrays, None)[:3]
    pixels, kernel = accumulate.centred(x_data, x), accumulate.centred(w_data, weights)
    attrs, groups = call.attrs, call.attrs.groups
    batch, height, width, channels = x.shape
    out_c, k_h, k_w, depth = weights.shape
    grouped = pixels.reshape(-1, groups, channels // groups).transpose(1, 0, 2)
    kernel = kernel.reshape(groups, out_c // groups, k_h, k_w, depth).transpose(2, 3, 0, 4, 1)
    whole_h = (height - 1) * attrs.strides[0] + (k_h - 1) * attrs.dilations[0] + 1
    whole_w = (width - 1) * attrs.strides[1] + (k_w - 1) * attrs.dilations[1] + 1
    (top, left), (out_h, out_w) = attrs.pads, attrs.size
    whole = np.zeros((batch, max(whole_h, top + out_h), max(whole_w, left + out_w), out_c))
    with np.errstate(over="ignore", invalid="ignore"):
        for r in range(k_h):
            for s in range(k_w):
                stamp = np.matmul(grouped, kernel[r, s]).transpose(1, 0, 2).reshape(batch, height, width, out_c)
                y0, x0 = r * attrs.dilations[0], s * attrs.dilations[1]
                rows = slice(y0, y0 + (height - 1) * attrs.strides[0] + 1, attrs.strides[0])
                columns = slice(x0, x0 + (width - 1) * attrs.strides[1] + 1, attrs.strides[1])
                whole[:, rows, columns] += stamp
        acc = whole[:, top : top + out_h, left : left + out_w]
        acc = acc if b_data is None else acc + b_data
    if not accumulate.is_integer(x):
        return (accumulate.finish_f32(acc, attrs.activation),)
    return (accumulate.finish_s8(acc, accumulate.product_requant(call), call),)


def integer_constants(call: Call) -> accumulate.Folded:
    """Weights less their zero point (int8, or int16 if they need it) and biases.

    Which taps an output has depends on its place, so the input's zero point cannot be folded into the bias: the
    kernel subtracts it. ModelError if a sum over all taps might leave int32.
    """
    x, weights, bias = (*call.inputs, None)[:3]
    if x.type.dtype is DType.S16:
        if accumulate.zero_point(x.type):
            raise UnsupportedError("the int16 input has a zero point", remedy="quantise it symmetrically")
        return accumulate.fold(call, 0)
    raw = accumulate.constant(weights, "weights").astype(np.int32)
    if weights.type.quant is not None:
        raw = raw - weights.type.quant.zero_array(raw.ndim)
    out_c = raw.shape[0]
    biases = np.zeros(out_c, np.int32) if bias is None else accumulate.constant(bias, "biases").astype(np.int32)
    largest = int((np.abs(raw).sum(axis=(1, 2, 3), dtype=np.int64) * 255 + np.abs(biases.astype(np.int64))).max())
    if largest > accumulate.INT32_MAX:
        raise ModelError(
            f"an accumulator may reach {largest}, which 32 bits do not hold",
            remedy="quantise the model with a larger scale for the weights of that channel",
        )
    wide = int(raw.min()) < -128 or int(raw.max()) > 127
    return accumulate.Folded(raw.astype(np.int16 if wide else np.int8), biases, wide)


def lower(call: Call) -> Lowered:
    """Call order: x, weights, bias, multipliers (integers only), y."""
    x, weights, bias = (*call.inputs, None)[:3]
    y, attrs = call.outputs[0], call.attrs
    out_c, k_h, k_w, depth = weights.type.shape
    rule, folded = None, None
    if accumulate.is_integer(x.type):
        rule, folded = accumulate.product_requant(call), integer_constants(call)
        factors = accumulate.integer_arguments(rule, folded)
    else:
        w_data = accumulate.constant(weights, "weights")
        factors = [Const("weights", w_data), Const("bias", accumulate.float_bias(bias, out_c))]
    params = TransposeConv2dParams(
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
    batch, in_h, in_w, _ = x.type.shape
    macs = batch * in_h * in_w * k_h * k_w * out_c * depth
    return Lowered(params, (Buffer(x.name), *factors, Buffer(y.name, written=True)), macs)


def title(call: Call) -> str:
    _, k_h, k_w, _ = call.inputs[1].type.shape
    grouped = f" in {call.attrs.groups} groups" if call.attrs.groups > 1 else ""
    return f"transposed Conv {k_h}x{k_w}{grouped}{accumulate.clamp_words(call.attrs.activation)}"


OP = Op("transpose_conv2d", TransposeConv2d, infer, execute, lower, TransposeConv2dParams, title)
