/* SPDX-License-Identifier: 0BSD */
/*
 * pool2d: maximum (is_max) or average over windows, channels last.
 *
 *   x [batch][in_h][in_w][channels]   y [batch][out_h][out_w][channels]
 *   How far y may run over x, each kernel states for itself (`overlap` in the registry of kernels).
 *
 * Window (i, j) covers rows i * stride_h - pad_top + r * dilation_h, r < k_h, and columns likewise; every
 * window has at least one tap on x. Padding never wins a maximum. An average divides the sum of the taps
 * on x by their number, or by k_h * k_w if include_pad is set.
 *
 * s8, maximum: x and y have one quantisation; y = clamp(maximum, y_min, y_max); mult is not read.
 * s8, average: acc = sum of (x - x_zero) over the taps on x;
 * y = clamp(requantize(acc, mult[per_count ? taps on x - 1 : 0], shift, 0) + y_zero, y_min, y_max); with
 * ties, where that is a half (within 2**-14), float32 decides instead: the sum of x_scale * (x - x_zero)
 * row by row, or with columns_first the sums of the columns added from left to right; / count, / y_scale,
 * + y_offset, half to even, - y_back.
 * Under TensorFlow Lite's rules (ties >= BC_TIES_TFLITE) x and y have one quantisation and x_zero is 0:
 * y = clamp(acc / count, halves away from zero), and mult is not read.
 * mult has one entry (all windows divide by the same number) or k_h * k_w (per_count): multiplier
 * t - 1 holds the factor for a window of t taps, all with one shift.
 * s16: TensorFlow Lite's rules, without mult.
 * f32: no mult; out(acc) = bc_clamp_f32(acc, y_min_f, y_max_f).
 *
 * Call: bc_pool2d_s8_<isa>(p, x, mult, y), bc_pool2d_f32_<isa>(p, x, y) and s16 likewise.
 */
#ifndef BC_POOL2D_H
#define BC_POOL2D_H

#include "barecast/bc.h"

typedef struct {
    int32_t batch, in_h, in_w, channels;
    int32_t out_h, out_w;
    int32_t k_h, k_w;
    int32_t stride_h, stride_w;
    int32_t dilation_h, dilation_w;
    int32_t pad_top, pad_left, pad_bottom, pad_right;
    int32_t is_max, include_pad, per_count;
    int32_t x_zero;
    int32_t y_zero, y_min, y_max;
    int32_t shift, ties;
    float y_min_f, y_max_f;
    int32_t columns_first;
    float x_scale, y_scale, y_offset;
    int32_t y_back;
} bc_pool2d_params;

#endif
