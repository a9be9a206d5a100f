/* SPDX-License-Identifier: 0BSD */
/*
 * svdf: a dense layer over the last `memory` inputs whose weights have low rank (singular value decomposition).
 * Each of `filters` filters gives one feature of the newest input, and remembers its last `memory` features:
 *
 *   after[b][f] = before[b][f] without its first feature, then clamp(sum over c of wf[f][c] * (x[b][c] - x_zero))
 *   y[b][u] = out(bias[u] + sum over the `rank` filters f = u * rank ..., and j, of wt[f][j] * after[b][f][j])
 *
 *   x       [batch][in_c]             wf    [filters][in_c]
 *   before  [batch][filters][memory]  wt    [filters][memory]
 *   after   the same, and either in the same bytes or apart from them
 *   y       [batch][filters / rank]   bias  [filters / rank]    y overlaps nothing
 *
 * s8: x, y and wf int8_t; states and wt int8_t, or int16_t if `wide`. A feature is
 * clamp(requantize(sum, feature_mult, feature_shift, ties)) + state_zero, clamped to the states' type before the zero
 * point is added, and wraps around in that type; wt multiplies states less state_zero, and these sums wrap around at
 * 32 bits. out(acc) = clamp(requantize(acc, mult, shift, ties) + y_zero, y_min, y_max).
 * f32: all float, nothing is clamped but y: out(acc) = bc_clamp_f32(acc, y_min_f, y_max_f).
 *
 * Call: bc_svdf_<dtype>_<isa>(p, x, wf, wt, bias, before, y, after).
 */
#ifndef BC_SVDF_H
#define BC_SVDF_H

#include "barecast/bc.h"

typedef struct {
    int32_t batch, in_c, filters, rank, memory;
    int32_t wide;
    int32_t x_zero, state_zero;
    int32_t feature_mult, feature_shift, mult;
    int32_t y_zero, y_min, y_max;
    int32_t shift, ties;
    float y_min_f, y_max_f;
} bc_svdf_params;

#endif
