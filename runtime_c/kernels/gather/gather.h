/* SPDX-License-Identifier: 0BSD */
/*
 * gather: slices of x along one axis, chosen by indices that may be computed at run time.
 *
 *   void bc_gather_f32_<isa>(const bc_gather_params *p, const float *x, const int32_t *indices, float *y)
 *   void bc_gather_s32_<isa>(const bc_gather_params *p, const int32_t *x, const int32_t *indices, int32_t *y)
 *   void bc_gather_s8_<isa>(const bc_gather_params *p, const void *x, const int32_t *indices, void *y)    s8 and u8
 *
 * x: [batch][outer][extent][run], indices: [batch][count], y: [batch][outer][count][run]:
 *
 *   y[b][o][i] = x[b][o][indices[b][i]]
 *
 * An index beyond 0 .. extent - 1 counts as the nearer end. x and y do not overlap.
 */
#ifndef BC_GATHER_H
#define BC_GATHER_H

#include <stdint.h>

#include "barecast/bc.h"

typedef struct bc_gather_params {
    int32_t batch;
    int32_t outer;
    int32_t extent;
    int32_t count;
    int32_t run;
} bc_gather_params;

#endif
