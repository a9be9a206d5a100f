/* SPDX-License-Identifier: 0BSD */
/*
 * gather_nd: slices of x, each chosen by `depth` indices along x's first axes, which may be computed at run time.
 *
 *   void bc_gather_nd_f32_<isa>(const bc_gather_nd_params *p, const float *x, const int32_t *indices, float *y)
 *   void bc_gather_nd_s8_<isa>(const bc_gather_nd_params *p, const void *x, const int32_t *indices, void *y)  s8, u8
 *
 * x: [extent0] ... [extent4][run], of whose axes the last `depth` have indices and the others are 1 long;
 * indices: [count][depth], y: [count][run]. An index beyond its axis counts as the nearer end. x and y do not overlap.
 */
#ifndef BC_GATHER_ND_H
#define BC_GATHER_ND_H

#include <stdint.h>

#include "barecast/bc.h"
#include "barecast/bc_math.h"

typedef struct bc_gather_nd_params {
    int32_t count;
    int32_t depth;
    int32_t extent0;
    int32_t extent1;
    int32_t extent2;
    int32_t extent3;
    int32_t extent4;
    int32_t run;
} bc_gather_nd_params;

/* The slice that `depth` indices choose. */
static BC_INLINE int32_t bc_gather_nd_slice(const bc_gather_nd_params *p, const int32_t *indices)
{
    const int32_t extents[5] = {p->extent0, p->extent1, p->extent2, p->extent3, p->extent4};
    int32_t slice = 0;
    for (int32_t i = 0; i < p->depth; i++) {
        const int32_t extent = extents[5 - p->depth + i];
        slice = slice * extent + bc_clamp_s32(indices[i], 0, extent - 1);
    }
    return slice;
}

#endif
