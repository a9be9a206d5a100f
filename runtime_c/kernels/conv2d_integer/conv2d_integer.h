/* SPDX-License-Identifier: 0BSD */
/*
 * conv2d_integer: y[n][i][j][o] = sum over r, s, c of (x[n][i'][j'][c'] - x_zero) * (w[o][r][s][c] - w_zero[o]), in
 * int32, with i' = i * stride_h + r * dilation_h - pad_top, j' likewise, c' = c behind the channels of the groups
 * before that of o. Taps beside the image add nothing.
 *
 *   void bc_conv2d_integer_s8_<isa>(const bc_conv2d_integer_params *p, const int8_t *x, const int8_t *w,
 *                                   const int8_t *x_zero, const int8_t *w_zero, int32_t *y)
 *
 *   x [batch][in_h][in_w][in_c]   w [out_c][k_h][k_w][in_c / groups]   x_zero [1]   w_zero [1] or [out_c]
 *   y [batch][out_h][out_w][out_c]   k_h * k_w * in_c / groups * 255 * 255 < 2**31; y does not overlap the others
 */
#ifndef BC_CONV2D_INTEGER_H
#define BC_CONV2D_INTEGER_H

#include <stdint.h>

#include "barecast/bc.h"

typedef struct bc_conv2d_integer_params {
    int32_t batch, in_h, in_w, in_c;
    int32_t out_h, out_w, out_c;
    int32_t k_h, k_w;
    int32_t stride_h, stride_w;
    int32_t dilation_h, dilation_w;
    int32_t pad_top, pad_left;
    int32_t groups;
    int32_t w_zero_step; /* 1: w_zero has a number for each output channel; 0: one for all */
} bc_conv2d_integer_params;

#endif
