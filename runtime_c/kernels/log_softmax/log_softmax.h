/* SPDX-License-Identifier: 0BSD */
/*
 * log_softmax: x - max - log(sum of exp(x - max)) over each row.
 *
 *   void bc_log_softmax_f32_<isa>(const bc_log_softmax_params *p, const float *x, float *y)
 *   void bc_log_softmax_s8_<isa>(const bc_log_softmax_params *p, const int8_t *x, const int32_t *table, int8_t *y)
 *
 * x, y: [outer, extent, inner], contiguous; a row is the `extent` elements that lie `inner` apart. y may be x.
 * s8 (TensorFlow Lite's rules, rounded twice whatever the rule is): y is in steps of 1/16 below 127. table[d] is
 * exp(-d * scale of x) with 31 fraction bits; its sum has 19, as in softmax; extent <= 4095. With R(v, m, s) =
 * bc_requantize_twice(v, m, s) and l the sum's logarithm with 26 fraction bits (bc_log_above_one):
 *   y = clamp((R(x - max, mult, shift) - l) / 2**22, halves away from zero, + 127), or -128 where
 *   x - max <= max(least, R(l - 2**31, back_mult, back_shift)).
 */
#ifndef BC_LOG_SOFTMAX_H
#define BC_LOG_SOFTMAX_H

#include <stdint.h>

#include "barecast/bc.h"

typedef struct bc_log_softmax_params {
    int32_t outer;
    int32_t extent;
    int32_t inner;
    int32_t mult;  /* s8 only, as all below: from steps of x to 26 fraction bits */
    int32_t shift; /* 0 to 31 */
    int32_t back_mult;
    int32_t back_shift; /* 31 to 62 */
    int32_t least;
} bc_log_softmax_params;

#endif
