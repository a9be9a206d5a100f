/* SPDX-License-Identifier: 0BSD */
/*
 * transpose_conv2d: transposed 2-D convolution (the gradient of conv2d) with groups, channels last.
 *
 *   y[n][i][j][o] = out(bias[o] + sum over r, s, c of w[o][r][s][c] * (x[n][p][q][group(o) * depth + c] - x_zero))
 *
 * over all taps (r, s) for which p and q are whole numbers and lie on x:
 *
 *   p = (i + pad_top - r * dilation_h) / stride_h,   q = (j + pad_left - s * dilation_w) / stride_w
 *
 *   x     [batch][in_h][in_w][in_c]         y  [batch][out_h][out_w][out_c]
 *   w     [out_c][k_h][k_w][depth], depth = in_c / groups
 *   bias  [out_c]                           x and y do not overlap
 *
 * s8: x and y int8_t; w int8_t, or int16_t if w_wide, its zero point subtracted; bias int32_t; mult [out_c] if
 * per_channel, else [1] (and shifts, see bc_channel_shift); no sum leaves int32, in any order;
 * out(acc) = clamp(requantize(acc, mult, shift, ties) + y_zero, y_min, y_max).
 * s16: as conv2d has it (x_zero is 0).
 * f32: all float, no mult, x_zero is 0; out(acc) = bc_clamp_f32(acc, y_min_f, y_max_f).
 *
 * Call: bc_transpose_conv2d_s8_<isa>(p, x, w, bias, mult, y), s16 likewise,
 * bc_transpose_conv2d_f32_<isa>(p, x, w, bias, y).
 */
#ifndef BC_TRANSPOSE_CONV2D_H
#define BC_TRANSPOSE_CONV2D_H

#include "barecast/bc.h"

typedef struct {
    int32_t batch, in_h, in_w, in_c;
    int32_t out_h, out_w, out_c;
    int32_t k_h, k_w;
    int32_t stride_h, stride_w;
    int32_t dilation_h, dilation_w;
    int32_t pad_top, pad_left;
    int32_t groups;
    int32_t w_wide, acc_wide;
    int32_t per_channel;
    int32_t x_zero;
    int32_t y_zero, y_min, y_max;
    int32_t shift, ties;
    float y_min_f, y_max_f;
} bc_transpose_conv2d_params;

/* The element of x, of `size` along an axis, that a tap reads at `distance` from its start; -1 if there is none. */
static BC_INLINE int32_t bc_transpose_conv2d_place(int32_t distance, int32_t stride, int32_t size)
{
    if (distance < 0 || distance % stride != 0 || distance / stride >= size) {
        return -1;
    }
    return distance / stride;
}

#endif
