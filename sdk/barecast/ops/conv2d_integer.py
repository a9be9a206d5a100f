"""conv2d_integer: a 2-D convolution of x - x_zero with w - w_zero in int32, channels last, with groups; padding is real 0.

Inputs: x [N, H, W, C] and w [O, KH, KW, C / groups] of 8 bits; x_zero of x's type with one element, w_zero of w's type
with one element or one for each output channel. Any of them may be computed at run time. Scales play no part.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from barecast.errors import ModelError
from barecast.graph import Call, TensorType
from barecast.ops import accumulate, conv2d
from barecast.ops.base import Op, argument
from barecast.ops.window import Window, WindowParams
from barecast.schedule import Buffer, Lowered


@dataclass(frozen=True)
class Conv2dInteger:
    """As in conv2d.Conv2d. Inputs: x, w, x_zero, w_zero."""

    strides: tuple[int, int] = (1, 1)
    dilations: tuple[int, int] = (1, 1)
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)
    groups: int = 1


@dataclass(frozen=True)
class Conv2dIntegerParams(WindowParams):
    """As in conv2d_integer.h."""

    groups: int
    w_zero_step: int


def infer(attrs: Conv2dInteger, inputs: tuple[TensorType | None, ...]) -> tuple[tuple[int, ...], ...]:
    x, weights, x_zero, w_zero = inputs
    shapes = conv2d.infer(attrs, (TensorType(x.dtype, x.shape), TensorType(weights.dtype, weights.shape)))
    if x_zero.size != 1 or w_zero.size not in (1, weights.shape[0]):
        raise ModelError(
            f"has {x_zero.size} zero points of the input and {w_zero.size} of the weights",
            remedy="give one of the input, and one or one for each output channel of the weights",
        )
    count = weights.size // weights.shape[0]
    if count * 255 * 255 > accumulate.INT32_MAX:
        raise ModelError(f"sums over {count} products of 8 bits exceed 32 bits", remedy="use fewer channels")
    return shapes


def execute(call: Call, arrays: tuple[np.ndarray | None, ...]) -> tuple[np.ndarray, ...]:
    """In float64, which holds these sums exactly."""
    attrs, y = call.attrs, call.outputs[0].type
    x, weights, x_zero, w_zero = (array.astype(np.float64) for array in arrays)
    out_c, k_h, k_w, depth = weights.shape
    groups = attrs.groups
    kernel = (weights - w_zero.reshape(-1, 1, 1, 1)).reshape(groups, out_c // groups, k_h, k_w, depth)
    batch, out_h, out_w, _ = y.shape
    total = np.zeros((batch, out_h, out_w, groups, out_c // groups))
    for row, column, tap in Window.of(attrs, (k_h, k_w)).taps(x - x_zero.reshape(-1), out_h, out_w, 0.0):
        parted = tap.reshape(batch, out_h, out_w, groups, depth)
        total += np.einsum("nhwgc,goc->nhwgo", parted, kernel[:, :, row, column])
    return (total.reshape(y.shape).astype(np.int32),)


def lower(call: Call) -> Lowered:
    """Call order: x, w, x_zero, w_zero, y."""
    x, weights, _, w_zero = call.inputs
    (y,), attrs = call.outputs, call.attrs
    _, k_h, k_w, depth = weights.type.shape
    params = Conv2dIntegerParams(
        *x.type.shape,
        *y.type.shape[1:],
        k_h,
        k_w,
        *attrs.strides,
        *attrs.dilations,
        *attrs.pads[:2],
        attrs.groups,
        int(w_zero.type.size > 1),
    )
    macs = y.type.size * k_h * k_w * depth
    return Lowered(params, (*(argument(t) for t in call.inputs), Buffer(y.name, written=True)), macs)


def title(call: Call) -> str:
    _, k_h, k_w, _ = call.inputs[1].type.shape
    return f"ConvInteger {k_h}x{k_w}" + (f" in {call.attrs.groups} groups" if call.attrs.groups > 1 else "")


OP = Op("conv2d_integer", Conv2dInteger, infer, execute, lower, Conv2dIntegerParams, title)
