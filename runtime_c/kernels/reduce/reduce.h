/* SPDX-License-Identifier: 0BSD */
/*
 * reduce: the mean over the middle axis. y[o][i] = out(mean over k of x[o][k][i])
 *
 *   x [outer][n][inner]   y [outer][inner]   x and y do not overlap
 *
 * s8: acc = sum of (x - x_zero); mult [1] holds 1 / n too;
 * y = clamp(requantize(acc, mult[0], shift, 0) + y_zero, y_min, y_max); with ties, where that is a half
 * (within 2**-14), the mean in float32 decides instead: x_scale * (x - x_zero) is added one after the other
 * (lanes 1), or in 4 lanes, then (lane 0 + lane 2) + (lane 1 + lane 3), then the last n % 4 one by one;
 * / n, / y_scale, half to even.
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
    int32_t lanes;
    float x_scale, y_scale;
} bc_reduce_params;

#endif
