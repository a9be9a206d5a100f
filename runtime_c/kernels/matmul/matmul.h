/* SPDX-License-Identifier: 0BSD */
/*
 * matmul: products of matrices. For each of batch_0 * batch_1 * batch_2 pairs of matrices, numbered (h, i, j),
 *
 *   y[m][n] = out(sum over k of (a[m][k] - a_zero) * (b[k][n] - b_zero))
 *
 *   a [m][k] starts h * a_step_0 + i * a_step_1 + j * a_step_2 elements into a (a step of 0 repeats a matrix),
 *   b [k][n] likewise with b_step_0 .. b_step_2; the results y [m][n] lie one after the other, j fastest.
 *   a or b may be constant; neither overlaps y.
 *
 * s8: a, b and y int8_t; mult [n] if per_channel, else [1]; k * 255 * 255 < 2**31;
 * out(acc) = clamp(requantize(acc, mult, shift, ties) + y_zero, y_min, y_max).
 * s16: a, b and y int16_t, zero points 0, one multiplier of 15 bits, ties BC_TIES_TFLITE_WIDE; k < 2**17;
 * out(acc) = bc_requantize_s16(acc, mult, shift, ties, y_zero, y_min, y_max).
 * f32: all float, no mult and no zero points; out(acc) = bc_clamp_f32(acc, y_min_f, y_max_f).
 *
 * Call: bc_matmul_s8_<isa>(p, a, b, mult, y), s16 likewise, bc_matmul_f32_<isa>(p, a, b, y).
 */
#ifndef BC_MATMUL_H
#define BC_MATMUL_H

#include "barecast/bc.h"

typedef struct {
    int32_t batch_0, batch_1, batch_2;
    int32_t a_step_0, a_step_1, a_step_2;
    int32_t b_step_0, b_step_1, b_step_2;
    int32_t m, k, n;
    int32_t per_channel;
    int32_t a_zero, b_zero;
    int32_t y_zero, y_min, y_max;
    int32_t shift, ties;
    float y_min_f, y_max_f;
} bc_matmul_params;

#endif
