/* SPDX-License-Identifier: 0BSD */
/*
 * dense: fully connected layer. y[m][o] = out(bias[o] + sum over k of w[o][k] * x[m][k])
 *
 *   x [rows][in_c]   w [out_c][in_c]   bias [out_c]   y [rows][out_c]   x and y do not overlap
 *
 * s8: x and y int8_t; w int8_t, or int16_t if w_wide; bias int32_t with the zero points of x and w folded
 * in; mult [out_c] if per_channel, else [1] (and shifts, see bc_channel_shift);
 * out(acc) = clamp(requantize(acc, mult, shift, ties) + y_zero, y_min, y_max).
 * s16 (TensorFlow Lite's 16x8): x and y int16_t, zero points folded in likewise; w int8_t, or int16_t if w_wide;
 * bias is int64_t and mult has 15 bits if ties is BC_TIES_TFLITE_WIDE, else bias is int32_t;
 * out(acc) = bc_requantize_s16(acc, mult, shift, ties, y_zero, y_min, y_max). acc_wide: sums of products may leave
 * int32 (48 bits hold them, bias included); if it is 0, no order of them does.
 * f32: all float, no mult; out(acc) = bc_clamp_f32(acc, y_min_f, y_max_f).
 *
 * Call: bc_dense_s8_<isa>(p, x, w, bias, mult, y), s16 likewise, bc_dense_f32_<isa>(p, x, w, bias, y).
 */
#ifndef BC_DENSE_H
#define BC_DENSE_H

#include "barecast/bc.h"

typedef struct {
    int32_t rows, in_c, out_c;
    int32_t w_wide, acc_wide;
    int32_t per_channel;
    int32_t y_zero, y_min, y_max;
    int32_t shift, ties;
    float y_min_f, y_max_f;
} bc_dense_params;

#endif
