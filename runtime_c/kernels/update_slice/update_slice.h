/* SPDX-License-Identifier: 0BSD */
/*
 * update_slice: x with a part of it replaced, at a place that may be computed at run time.
 *
 *   void bc_update_slice_s8_<isa>(const bc_update_slice_params *p, const void *x, const void *update,
 *                                 const void *start, void *y)
 *
 * x and y: [extent0, ..., extent5] runs of `run` bytes; update: [size0, ..., size5] such runs, size <= extent.
 * start: the first run of each axis that is replaced, for the last `axes` axes (it is 0 along the others); int32_t,
 * or int64_t if `wide`. A start from which the update would not lie on x counts as the nearest from which it does.
 * Any type and alignment of x; y is x's very bytes or overlaps nothing.
 */
#ifndef BC_UPDATE_SLICE_H
#define BC_UPDATE_SLICE_H

#include <stdint.h>

#include "barecast/bc.h"

typedef struct bc_update_slice_params {
    int32_t extent0;
    int32_t extent1;
    int32_t extent2;
    int32_t extent3;
    int32_t extent4;
    int32_t extent5;
    int32_t size0;
    int32_t size1;
    int32_t size2;
    int32_t size3;
    int32_t size4;
    int32_t size5;
    int32_t run;
    int32_t axes;
    int32_t wide;
} bc_update_slice_params;

/* The start along axis 0 to 5, 0 to `room`. */
static BC_INLINE int32_t bc_update_slice_start(
    const bc_update_slice_params *p, const void *start, int32_t axis, int32_t room)
{
    const int32_t place = axis - (6 - p->axes);
    if (place < 0) {
        return 0;
    }
    const int64_t value = p->wide ? ((const int64_t *)start)[place] : ((const int32_t *)start)[place];
    return value < 0 ? 0 : value > room ? room : (int32_t)value;
}

#endif
