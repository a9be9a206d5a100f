/* SPDX-License-Identifier: 0BSD */
/*
 * aggregate: the sum, maximum or minimum over the middle axis, then a clamp. y[o][i] = clamp(f over k of x[o][k][i])
 *
 *   void bc_aggregate_f32_<isa>(const bc_aggregate_params *p, const float *x, float *y)
 *   void bc_aggregate_s8_<isa>(const bc_aggregate_params *p, const int8_t *x, int8_t *y)       max and min
 *   void bc_aggregate_bool_<isa>(const bc_aggregate_params *p, const uint8_t *x, uint8_t *y)   min: whether all hold
 *
 *   x [outer][n][inner]   y [outer][inner]   n >= 1; x and y do not overlap
 *
 * x and y share one quantisation. NaN is never a maximum or minimum; of nothing but NaN they are infinite.
 */
#ifndef BC_AGGREGATE_H
#define BC_AGGREGATE_H

#include <stdint.h>

#include "barecast/bc.h"

enum { BC_AGGREGATE_SUM = 0, BC_AGGREGATE_MAX = 1, BC_AGGREGATE_MIN = 2 };

typedef struct bc_aggregate_params {
    int32_t kind; /* BC_AGGREGATE_... */
    int32_t outer;
    int32_t n;
    int32_t inner;
    int32_t y_min; /* s8: the clamp */
    int32_t y_max;
    float y_min_f; /* f32: the clamp; -FLT_MAX and FLT_MAX are no bounds */
    float y_max_f;
} bc_aggregate_params;

#endif
