/* SPDX-License-Identifier: 0BSD */
/*
 * dwconv2d: depthwise 2-D convolution, channels last.
 *
 *   y[n][i][j][o] = out(bias[o] + sum over r, s of
 *                       w[r][s][o] * x[n][i * stride_h - pad_top + r * dilation_h]
 *                                      [j * stride_w - pad_left + s * dilation_w][o / depth_multiplier])
 *
 *   x     [batch][in_h][in_w][in_c]         y  [batch][out_h][out_w][out_c]
 *   w     [k_h][k_w][out_c]                 out_c = in_c * depth_multiplier
 *   bias  [out_c]
 *
 * How far y may run over x, each kernel states for itself (`overlap` in the registry of kernels).
 *
 * s8: x and y int8_t; w int8_t, or int16_t if w_wide; bias int32_t with the zero points of x and w folded
 * in, so that padding counts as x_zero; mult [out_c] if per_channel, else [1] (and shifts, see bc_channel_shift);
 * out(acc) = clamp(requantize(acc, mult, shift, ties) + y_zero, y_min, y_max).
 * s16 (TensorFlow Lite's 16x8): x and y int16_t, x_zero is 0; w int8_t, or int16_t if w_wide; bias is
 * int64_t and mult has 15 bits if ties is BC_TIES_TFLITE_WIDE, else bias is int32_t;
 * out(acc) = bc_requantize_s16(acc, mult, shift, ties, y_zero, y_min, y_max). acc_wide: sums of products may leave
 * int32 (48 bits hold them, bias included); if it is 0, no order of them does.
 * f32: all float, no mult; padding counts as 0; out(acc) = bc_clamp_f32(acc, y_min_f, y_max_f).
 *
 * Call: bc_dwconv2d_s8_<isa>(p, x, w, bias, mult, y), s16 likewise, bc_dwconv2d_f32_<isa>(p, x, w, bias, y).
 */
#ifndef BC_DWCONV2D_H
#define BC_DWCONV2D_H

#include "barecast/bc.h"

typedef struct {
    int32_t batch, in_h, in_w, in_c;
    int32_t out_h, out_w, out_c;
    int32_t k_h, k_w;
    int32_t stride_h, stride_w;
    int32_t dilation_h, dilation_w;
    int32_t pad_top, pad_left, pad_bottom, pad_right;
    int32_t depth_multiplier;
    int32_t w_wide, acc_wide;
    int32_t per_channel;
    int32_t x_zero;
    int32_t y_zero, y_min, y_max;
    int32_t shift, ties;
    float y_min_f, y_max_f;
} bc_dwconv2d_params;

#endif
