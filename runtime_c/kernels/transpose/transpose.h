/* SPDX-License-Identifier: 0BSD */
/*
 * transpose: the axes of x in another order.
 *
 *   void bc_transpose_f32_<isa>(const bc_transpose_params *p, const float *x, float *y)
 *   void bc_transpose_s8_<isa>(const bc_transpose_params *p, const void *x, void *y)     s8 and u8
 *   void bc_transpose_s16_<isa>(const bc_transpose_params *p, const void *x, void *y)
 *
 * y: [extent0, ..., extent5], contiguous; y(i0, ..., i5) = x[sum of i * stride], strides in elements.
 * x and y do not overlap.
 */
#ifndef BC_TRANSPOSE_H
#define BC_TRANSPOSE_H

#include <stdint.h>

#include "barecast/bc.h"

typedef struct bc_transpose_params {
    int32_t extent0;
    int32_t extent1;
    int32_t extent2;
    int32_t extent3;
    int32_t extent4;
    int32_t extent5;
    int32_t stride0;
    int32_t stride1;
    int32_t stride2;
    int32_t stride3;
    int32_t stride4;
    int32_t stride5;
} bc_transpose_params;

#endif
