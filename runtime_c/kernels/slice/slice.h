/* SPDX-License-Identifier: 0BSD */
/*
 * slice: elements of x at regular distances along each axis.
 *
 *   void bc_slice_f32_<isa>(const bc_slice_params *p, const float *x, float *y)
 *   void bc_slice_s8_<isa>(const bc_slice_params *p, const void *x, void *y)     s8, u8 and bool
 *   void bc_slice_s16_<isa>(const bc_slice_params *p, const void *x, void *y)
 *   void bc_slice_s32_<isa>(const bc_slice_params *p, const int32_t *x, int32_t *y)
 *   void bc_slice_s64_<isa>(const bc_slice_params *p, const int64_t *x, int64_t *y)
 *
 * y: [extent0, ..., extent5], contiguous; y(i0, ..., i5) = x[start + sum of i * stride], strides in elements,
 * which may be negative. x and y do not overlap.
 */
#ifndef BC_SLICE_H
#define BC_SLICE_H

#include <stdint.h>

#include "barecast/bc.h"

typedef struct bc_slice_params {
    int32_t start;
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
} bc_slice_params;

/* Where row (i0, ..., i4) of y begins in x. */
static BC_INLINE int32_t bc_slice_row(
    const bc_slice_params *p, int32_t i0, int32_t i1, int32_t i2, int32_t i3, int32_t i4)
{
    return p->start + i0 * p->stride0 + i1 * p->stride1 + i2 * p->stride2 + i3 * p->stride3 + i4 * p->stride4;
}

#endif
