"""Why CMSIS-NN cannot do a call, in words; None where it can, and gives the same bytes."""

from __future__ import annotations

from typing import Any

import numpy as np

from barecast.cmsis_nn import buffer_sizes
from barecast.numerics.fixed_point import TFLITE, TFLITE_SINGLE, TFLITE_WIDE
from barecast.ops.binary import LINEAR

ONNX = "CMSIS-NN rounds as TensorFlow Lite does, this model as ONNX"
WIDE = "CMSIS-NN has no weights of more than 8 bits"
ROW = (
    "arm_convolve_1_x_n_s8 for Helium would fail, be wrong or read behind the row with padding or a remainder like this"
)
PIXELS = "CMSIS-NN's 1x1 convolutions have no padding"
EXTENT_MAX = 65535
"""The convolutions count in 16 bits."""


def _common(p: Any) -> str | None:
    if p.ties not in (TFLITE, TFLITE_SINGLE, TFLITE_WIDE):
        return ONNX
    return WIDE if p.w_wide else None


def _window(p: Any) -> str | None:
    depth = p.k_h * p.k_w * p.in_c
    if max(depth, p.in_h, p.in_w, p.out_c, p.out_h, p.out_w) > EXTENT_MAX:
        return f"CMSIS-NN counts extents and the taps of a window in 16 bits: {EXTENT_MAX} at most"
    return None


def _on_pixels(p: Any) -> bool:
    """Whether each window of one pixel lies on one; the functions for these ask for padding on the left and above only."""
    return (p.out_h - 1) * p.stride_h < p.in_h and (p.out_w - 1) * p.stride_w < p.in_w


def _off_image(p: Any) -> str | None:
    """arm_depthwise_conv_fast_s16 clears more than its buffer for a window above or below of the image."""
    reach = (p.k_h - 1) * p.dilation_h
    if reach < p.pad_top or (p.out_h - 1) * p.stride_h - p.pad_top >= p.in_h:
        return "CMSIS-NN's depthwise convolutions expect windows that lie on the image, this has some wholly on padding"
    return None


def convolve_s8(p: Any, core: str) -> str | None:
    if reason := _common(p) or _window(p):
        return reason
    if buffer_sizes.is_1x1(p) and not _on_pixels(p):
        return PIXELS
    if core == "mve" and not buffer_sizes.is_1x1(p) and buffer_sizes.is_1xn(p) and not row_is_right(p):
        return ROW
    return None


def convolve_s16(p: Any) -> str | None:
    return _common(p) or _window(p) or ("arm_convolve_s16 has no groups" if p.groups != 1 else None)


def depthwise_s8(p: Any, core: str) -> str | None:
    if reason := _common(p) or _window(p) or _off_image(p):
        return reason
    single = p.depth_multiplier == p.batch == p.dilation_h == p.dilation_w == 1
    small = p.k_h == p.k_w == 3 and p.pad_top <= 1 and p.pad_left <= 1
    if core != "mve" and single and small and (p.out_w - 1) * p.stride_w - p.pad_left + 2 > p.in_w:
        return "arm_depthwise_conv_3x3_s8 reads the middle column of a window without asking whether it is on padding"
    as_convolution = core == "mve" and p.in_c == 1 and p.out_c > 1
    if as_convolution and p.k_h == p.k_w == 1 and not _on_pixels(p):
        return PIXELS
    as_row = as_convolution and p.in_h == p.k_h == p.dilation_w == 1
    if as_row and p.k_w > 1 and p.stride_w % 4 == 0 and not row_is_right(p):
        return ROW
    return None


def depthwise_s16(p: Any) -> str | None:
    if reason := _common(p) or _window(p) or _off_image(p):
        return reason
    return None if p.ties == TFLITE_WIDE else "arm_depthwise_conv_s16 has 64-bit biases only"


def dense_s16(p: Any) -> str | None:
    if reason := _common(p):
        return reason
    if p.per_channel:
        return "arm_fully_connected_s16 has one scale for all output channels"
    return None if p.ties == TFLITE_WIDE else "arm_fully_connected_s16 has 64-bit biases only"


def dense_s8(p: Any) -> str | None:
    return _common(p)


def pool(p: Any) -> str | None:
    if not p.is_max and p.ties not in (TFLITE, TFLITE_SINGLE):
        return ONNX
    if p.dilation_h != 1 or p.dilation_w != 1:
        return "CMSIS-NN's poolings have no dilation"
    return "CMSIS-NN's averages do not count padding" if p.include_pad and not p.is_max else None


def binary(p: Any) -> str | None:
    if p.ties not in (TFLITE, TFLITE_SINGLE):
        return ONNX
    if p.kind not in (LINEAR["add"], LINEAR["mul"]):
        return "CMSIS-NN has no subtraction"
    if max(p.extent0, p.extent1, p.extent2, p.extent3) > 1 or not p.a_stride4 == p.b_stride4 == 1:
        return "CMSIS-NN adds and multiplies tensors of one shape only"
    return None


SOFTMAX_LONGEST = {-128: 511, -32768: 4095}
"""Zero point of y -> the longest row of int8 that arm_softmax_s8 and arm_softmax_s8_s16 do as TFLM does.

Each exponential is at most 2**19. For bytes the result is shifted by 32 bits from a sum of 2**28 on, which C does not
define; the sum itself is an int32_t.
"""


def softmax(p: Any, zero: int | None) -> str | None:
    """zero: the zero point that the function has for y, None for one of int16."""
    if p.ties not in (TFLITE, TFLITE_SINGLE):
        return ONNX
    if p.inner != 1:
        return "CMSIS-NN's softmax is over the last axis only"
    if zero is None and p.extent == 1:
        return "arm_softmax_s16 wraps to a negative number in a row of one element"
    if zero is not None and p.extent > SOFTMAX_LONGEST[zero]:
        return f"CMSIS-NN's softmax leaves 32 bits in rows of more than {SOFTMAX_LONGEST[zero]} elements"
    if zero is not None and (p.y_zero != zero or p.shift > 26):
        return f"CMSIS-NN's softmax has outputs with the zero point {zero}, and inputs of scales up to 1"
    return None


def row_is_right(p: Any) -> bool:
    """Whether arm_convolve_1_x_n_s8 for Helium multiplies the weights by the window's own elements, and reads no others.

    It computes the outputs in three sections (see buffer_sizes.sections) and expects the padding that "same" or "valid"
    give where no input is left over. Here are its steps, on places in the row in place of elements; -1 is padding.
    """
    k_w, stride, pad = p.k_w, p.stride_w, p.pad_left
    total = (p.out_w - 1) * stride + k_w - p.in_w
    odd = int(np.fmod(total, 2))
    if pad * 2 + odd != total:
        return False  # the function fails
    left, middle, right = buffer_sizes.sections(p.in_w, k_w, p.out_w, stride, pad)
    if left + middle + right != p.out_w:
        return True  # arm_convolve_s8 does it
    if p.out_h != 1 or p.pad_top:
        return False  # the function does the row of the image only
    start = stride * (left + middle) - pad
    if stride * left - pad < 0 or start < 0 or k_w > p.in_w or start + k_w - 1 > p.in_w:
        return False
    row = np.arange(p.in_w)
    right_pad = right if odd else pad
    before = np.concatenate([np.full(pad, -1), row[:k_w]])
    after = np.concatenate([row[start : start + k_w - 1], np.full(right_pad, -1)])
    found = [before[i * stride : i * stride + k_w] for i in range(left)]
    found += [row[i * stride - pad : i * stride - pad + k_w] for i in range(left, left + middle)]
    found += [after[i * stride : i * stride + k_w] for i in range(right)]
    for i, window in enumerate(found):
        place = i * stride - pad + np.arange(k_w)
        if len(window) != k_w or (window != np.where((place >= 0) & (place < p.in_w), place, -1)).any():
            return False
    return True
