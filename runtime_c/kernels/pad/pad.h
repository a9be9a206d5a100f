/* SPDX-License-Identifier: 0BSD */
/*
 * pad: x in the middle of a constant border.
 *
 *   void bc_pad_f32_<isa>(const bc_pad_params *p, const float *x, float *y)
 *   void bc_pad_s8_<isa>(const bc_pad_params *p, const void *x, void *y)       s8 and u8
 *   void bc_pad_s16_<isa>(const bc_pad_params *p, const int16_t *x, int16_t *y)
 *   void bc_pad_s32_<isa>(const bc_pad_params *p, const int32_t *x, int32_t *y)
 *
 * x: [extent0, extent1, extent2, extent3], contiguous. y: the same with `before` and `after` more elements along
 * each axis, all >= 0; these are p->value (integers) or p->value_f. x and y do not overlap.
 */
#ifndef BC_PAD_H
#define BC_PAD_H

#include <stdint.h>

#include "barecast/bc.h"

typedef struct bc_pad_params {
    int32_t before0;
    int32_t before1;
    int32_t before2;
    int32_t before3;
    int32_t extent0;
    int32_t extent1;
    int32_t extent2;
    int32_t extent3;
    int32_t after0;
    int32_t after1;
    int32_t after2;
    int32_t after3;
    int32_t value; /* in the element type's range */
    float value_f;
} bc_pad_params;

#endif
