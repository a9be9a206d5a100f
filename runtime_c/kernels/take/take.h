/* SPDX-License-Identifier: 0BSD */
/*
 * take: elements of x at listed places along each axis (mirrored borders, nearest neighbours, constant indices).
 *
 *   void bc_take_f32_<isa>(const bc_take_params *p, const float *x, const int32_t *places, float *y)
 *   void bc_take_s8_<isa>(const bc_take_params *p, const void *x, const int32_t *places, void *y)    s8 and u8
 *   void bc_take_s16_<isa>(const bc_take_params *p, const void *x, const int32_t *places, void *y)
 *
 * y: [extent0, ..., extent3] runs of `run` elements, contiguous; run (i0, ..., i3) is the one that starts in x at
 * element t0[i0] + t1[i1] + t2[i2] + t3[i3]. places: t0, t1, t2 and t3, one behind the other.
 * x and y do not overlap.
 */
#ifndef BC_TAKE_H
#define BC_TAKE_H

#include <stdint.h>

#include "barecast/bc.h"

typedef struct bc_take_params {
    int32_t extent0;
    int32_t extent1;
    int32_t extent2;
    int32_t extent3;
    int32_t run;
} bc_take_params;

#endif
