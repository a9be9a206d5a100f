/* SPDX-License-Identifier: 0BSD */
/*
 * argmax: where along the middle axis the largest (or smallest) element is, of equals the first or the last.
 *
 *   void bc_argmax_f32_<isa>(const bc_argmax_params *p, const float *x, int32_t *y)
 *   void bc_argmax_s8_<isa>(const bc_argmax_params *p, const int8_t *x, int32_t *y)
 *
 *   x [outer][n][inner]   y [outer][inner]   n >= 1; x and y do not overlap
 *
 * A comparison with NaN is false: NaN is found only where it comes first.
 */
#ifndef BC_ARGMAX_H
#define BC_ARGMAX_H

#include <stdint.h>

#include "barecast/bc.h"

typedef struct bc_argmax_params {
    int32_t outer;
    int32_t n;
    int32_t inner;
    int32_t smallest; /* whether the smallest element is looked for */
    int32_t last;     /* whether the last of equals is, not the first */
} bc_argmax_params;

#endif
