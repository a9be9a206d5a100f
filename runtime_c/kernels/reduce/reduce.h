/* SPDX-License-Identifier: 0BSD */
/*
 * reduce: the mean over the middle axis. y[o][i] = out(mean over k of x[o][k][i])
 *
 *   x [outer][n][inner]   y [outer][inner]   x and y do not overlap
 *
 * s8: acc = sum of (x - x_zero); mult [1] holds 1 / n too;
 * y = clamp(requantize(acc, mult[0], shift, 0) + y_zero, y_min, y_max); with ties, where that is a half
 * (within 2**-14), float32 decides instead, half to even. by_sum: acc * x_scale, which holds 1 / (n * scale
 * of y) too. Else the sum of x_scale * (x - x_zero), / n, / y_scale, where the sum is taken one after the other
 * (lanes 1), or in 8 lanes: every eighth element each; lanes k + 4 are added to lanes k; if four elements or
 * more are left, one more for each of the four; (lane 0 + lane 2) + (lane 1 + lane 3); the last n % 4 one by one;
 * or in 4 lanes, which add every fourth element each.
 * s16: as s8 without ties, by TensorFlow Lite's rules.
 * f32: no mult; y = bc_clamp_f32(sum / n, y_min_f, y_max_f).
 *
 * Call: bc_reduce_s8_<isa>(p, x, mult, y), s16 likewise, bc_reduce_f32_<isa>(p, x, y).
 */
#ifndef BC_REDUCE_H
#define BC_REDUCE_H

#include "barecast/bc.h"

typedef struct {
    int32_t outer, n, inner;
    int32_t x_zero;
    int32_t y_zero, y_min, y_max;
    int32_t shift, ties;
    float y_min_f, y_max_f;
    int32_t lanes, by_sum;
    float x_scale, y_scale;
} bc_reduce_params;

#endif
