/* SPDX-License-Identifier: 0BSD */
/*
 * select: y = c ? a : b, with broadcasting.
 *
 *   void bc_select_f32_<isa>(const bc_select_params *p, const uint8_t *c, const float *a, const float *b, float *y)
 *   ... and for s16, s32, s64; s8 serves all bytes:
 *   void bc_select_s8_<isa>(const bc_select_params *p, const uint8_t *c, const void *a, const void *b, void *y)
 *
 * y is contiguous, of extent0 * ... * extent4 elements; element (i0, ..., i4) reads c[sum of i * c_stride], a and b
 * likewise, with strides in elements. y overlaps no operand.
 */
#ifndef BC_SELECT_H
#define BC_SELECT_H

#include <stdint.h>

#include "barecast/bc.h"

typedef struct bc_select_params {
    int32_t extent0; /* outermost loop */
    int32_t extent1;
    int32_t extent2;
    int32_t extent3;
    int32_t extent4;
    int32_t c_stride0;
    int32_t c_stride1;
    int32_t c_stride2;
    int32_t c_stride3;
    int32_t c_stride4;
    int32_t a_stride0;
    int32_t a_stride1;
    int32_t a_stride2;
    int32_t a_stride3;
    int32_t a_stride4;
    int32_t b_stride0;
    int32_t b_stride1;
    int32_t b_stride2;
    int32_t b_stride3;
    int32_t b_stride4;
} bc_select_params;

#endif
