/* SPDX-License-Identifier: 0BSD */
/*
 * layer_norm: each row less its mean, over its deviation, then a scale, a bias and a clamp.
 *
 *   y = bc_clamp_f32((x - mean) / sqrt(variance + epsilon) * scale + bias, y_min_f, y_max_f)
 *
 *   x, y  [outer][extent][inner]; a row is the `extent` elements that lie `inner` apart. y may be x.
 *
 * variance is the mean square of x - mean. centred 0: the mean counts as 0. scale and bias, each of them
 *
 *   [period][extent]   if inner is 1 and by_element is 1; the row o has the parameters o % period
 *   [period]           if inner is 1 and by_element is 0: one for a whole row
 *   [inner]            if inner is not 1 and by_element is 1, period 1
 *   [1]                if inner is not 1 and by_element is 0, period 1
 *
 * f32: means are added in four partial sums or one after the other, by the kernel.
 *
 * Call: bc_layer_norm_f32_<isa>(p, x, scale, bias, y).
 */
#ifndef BC_LAYER_NORM_H
#define BC_LAYER_NORM_H

#include "barecast/bc.h"

typedef struct {
    int32_t outer, extent, inner;
    int32_t period, by_element;
    int32_t centred;
    float epsilon;
    float y_min_f, y_max_f;
} bc_layer_norm_params;

#endif
