/* SPDX-License-Identifier: 0BSD */
/*
 * cumsum: running sums along the middle axis.
 *
 *   void bc_cumsum_f32_<isa>(const bc_cumsum_params *p, const float *x, float *y)
 *   void bc_cumsum_s8_<isa>(const bc_cumsum_params *p, const int8_t *x, int8_t *y)
 *
 *   x [outer][n][inner]   y [outer][n][inner], or [outer][inner] with `total`   y may be x, unless `total`
 *
 * y[o][k][i] is the sum of x[o][0 ... k][i], without x[o][k][i] if `exclusive`; with `reverse` from the last k down.
 * s8 (TensorFlow Lite's rules): the sums of (x - x_zero) * 2**19 begin at -x_zero * 2**19 and wrap at 32 bits;
 * y = clamp(bc_requantize(sum, mult, shift, ties) + y_zero, y_min, y_max).
 */
#ifndef BC_CUMSUM_H
#define BC_CUMSUM_H

#include <stdint.h>

#include "barecast/bc.h"

typedef struct bc_cumsum_params {
    int32_t outer;
    int32_t n;
    int32_t inner;
    int32_t exclusive;
    int32_t reverse;
    int32_t total;  /* write the last sum only */
    int32_t x_zero; /* s8 only, as all below */
    int32_t y_zero;
    int32_t y_min;
    int32_t y_max;
    int32_t mult;
    int32_t shift;
    int32_t ties;
} bc_cumsum_params;

#endif
