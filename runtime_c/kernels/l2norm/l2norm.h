/* SPDX-License-Identifier: 0BSD */
/*
 * l2norm: each row divided by its Euclidean length.
 *
 *   void bc_l2norm_f32_<isa>(const bc_l2norm_params *p, const float *x, float *y)
 *   void bc_l2norm_s8_<isa>(const bc_l2norm_params *p, const int8_t *x, int8_t *y)
 *
 * x, y: [outer, n, inner], contiguous; a row is the n elements that lie `inner` apart. y may be x.
 * f32: y = x / max(sqrt(sum of x * x), epsilon).
 * s8 (TensorFlow Lite's rules): y is in steps of 1/128 around 0; y = clamp(R((x - x_zero) * 128 / length), -128, 127),
 * with the reciprocal of the length by bc_inverse_sqrt and R = bc_requantize with `ties`. n <= 33025.
 */
#ifndef BC_L2NORM_H
#define BC_L2NORM_H

#include <stdint.h>

#include "barecast/bc.h"

typedef struct bc_l2norm_params {
    int32_t outer;
    int32_t n;
    int32_t inner;
    int32_t x_zero; /* s8, as ties */
    int32_t ties;
    float epsilon; /* f32 */
} bc_l2norm_params;

#endif
