"""Scratch memory of CMSIS-NN's functions in bytes, as the library's own arm_*_get_buffer_size functions give it.

Sizes are those of CMSIS-NN 7.0.0 and what followed it, built by GCC or Clang. Arm Compiler's build wants no more: its
faster 1x1 convolution goes without a buffer if it gets none. core: "mve", "dsp" or "c", the kind of code that the
library's headers choose for the processor. params: those of barecast's kernels.
"""

from __future__ import annotations

from typing import Any

CHANNELS_MVE = 124
"""Channels that the depthwise convolution for Helium takes at a time."""

FAST_DEPTHWISE_S16 = 512
"""Windows with fewer taps have a faster depthwise convolution of int16."""


def convolve_s8(p: Any, core: str) -> int:
    """arm_convolve_wrapper_s8_get_buffer_size."""
    if is_1x1(p):
        return 0
    if core == "mve" and is_1xn(p):
        return _one_row_mve(p.in_w, p.in_c, p.k_w, p.out_w, p.stride_w, p.pad_left)
    return _windows_s8(p.in_c, p.k_h, p.k_w, core)


def is_1x1(p: Any) -> bool:
    """Whether arm_convolve_wrapper_s8 takes the functions for single pixels."""
    return p.k_h == p.k_w == 1 and p.pad_left == p.pad_top == 0 and p.dilation_h == p.dilation_w == 1 and p.groups == 1


def is_1xn(p: Any) -> bool:
    """Whether, if not is_1x1, it takes the function for one row."""
    return p.in_h == p.k_h == p.dilation_w == 1 and p.stride_w * p.in_c % 4 == 0 and p.groups == 1


def sections(in_w: int, k_w: int, out_w: int, stride: int, pad: int) -> tuple[int, int, int]:
    """How arm_convolve_1_x_n_s8 for Helium divides the outputs: those on left padding, on none, on right padding."""
    odd = _odd(in_w, k_w, out_w, stride)
    right = max(1, (pad + odd + stride - 1) // stride) if pad + odd else 0
    left = max(1, (pad + stride - 1) // stride) if pad else 0
    return left, max(out_w - right - left, 0), right


def _odd(in_w: int, k_w: int, out_w: int, stride: int) -> int:
    """C's remainder of the whole padding by 2: negative where input is left over."""
    total = (out_w - 1) * stride + k_w - in_w
    return total % 2 if total >= 0 else -(-total % 2)


def _one_row_mve(in_w: int, in_c: int, k_w: int, out_w: int, stride: int, pad: int) -> int:
    left, middle, right = sections(in_w, k_w, out_w, stride, pad)
    if left + middle + right != out_w:
        return _windows_s8(in_c, 1, k_w, "mve")
    right_pad = right * in_c if _odd(in_w, k_w, out_w, stride) else pad * in_c
    return max(k_w * in_c + pad * in_c, (k_w - 1) * in_c + right_pad)


def _windows_s8(in_c: int, k_h: int, k_w: int, core: str) -> int:
    """Four windows in whole vectors for Helium, else two in 16 bits and in whole fours. in_c: of the input, groups or
    not."""
    depth = in_c * k_h * k_w
    return 4 * 16 * -(-depth // 16) if core == "mve" else 2 * 2 * 4 * -(-depth // 4)


def depthwise_s8(p: Any, core: str) -> int:
    """arm_depthwise_conv_wrapper_s8_get_buffer_size."""
    taps = p.k_h * p.k_w
    if core == "mve" and p.in_c == 1 and p.out_c > 1:  # done as a convolution, with the weights turned
        single = taps == 1 and p.pad_left == p.pad_top == 0 and p.dilation_h == p.dilation_w == 1
        one_row = p.in_h == p.k_h == p.dilation_w == 1 and p.stride_w % 4 == 0
        if single:
            size = 0
        elif one_row:
            size = _one_row_mve(p.in_w, 1, p.k_w, p.out_w, p.stride_w, p.pad_left)
        else:
            size = _windows_s8(1, p.k_h, p.k_w, core)
        return size + taps * p.out_c
    if p.in_c != p.out_c or p.batch != 1 or p.dilation_h != 1 or p.dilation_w != 1:
        return 0
    if core == "mve":
        return 4 * CHANNELS_MVE * taps
    if p.k_h == p.k_w == 3 and p.pad_top <= 1 and p.pad_left <= 1:
        return 0
    return 2 * p.in_c * taps if core == "dsp" else 0


def convolve_s16(p: Any, core: str) -> int:
    """arm_convolve_wrapper_s16_get_buffer_size."""
    depth = p.in_c * p.k_h * p.k_w
    return 4 * 2 * 8 * -(-depth // 8) if core == "mve" else 2 * 2 * depth


def depthwise_s16(p: Any, core: str) -> int:
    """arm_depthwise_conv_wrapper_s16_get_buffer_size."""
    taps = p.k_h * p.k_w
    if p.depth_multiplier != 1 or p.dilation_h != 1 or p.dilation_w != 1 or taps >= FAST_DEPTHWISE_S16:
        return 0
    return {"mve": 8 * p.in_c * taps + 8, "dsp": 2 * p.in_c * taps, "c": 0}[core]


def average(p: Any, core: str) -> int:
    """arm_avgpool_s8_get_buffer_size and arm_avgpool_s16_get_buffer_size; maxima take none."""
    return 4 * p.channels if core == "dsp" and not p.is_max else 0
