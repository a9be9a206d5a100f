/* SPDX-License-Identifier: 0BSD */
/*
 * cast: the same numbers in another element type.
 *
 *   void bc_cast_f32_<isa>(const bc_cast_params *p, const float *x, void *y)
 *   ... and from s8, s16, s32, bool (uint8_t, 0 or 1)
 *
 * x, y: p->size elements, which do not overlap; those of y have the type p->to. Floats lose their fraction and
 * saturate, NaN becomes 0; integers keep their low bits; a bool is 1 for everything but 0.
 */
#ifndef BC_CAST_H
#define BC_CAST_H

#include <stdint.h>

#include "barecast/bc.h"

enum { BC_CAST_S8 = 0, BC_CAST_S16 = 1, BC_CAST_S32 = 2, BC_CAST_F32 = 3, BC_CAST_BOOL = 4 };

typedef struct bc_cast_params {
    int32_t size; /* elements, >= 0 */
    int32_t to;   /* BC_CAST_... */
} bc_cast_params;

/* y[i] = value for integers. */
static BC_INLINE void bc_cast_store(const bc_cast_params *p, void *y, int32_t i, int32_t value)
{
    if (p->to == BC_CAST_S8) {
        ((int8_t *)y)[i] = (int8_t)(uint8_t)((uint32_t)value & 0xffu);
    } else if (p->to == BC_CAST_S16) {
        ((int16_t *)y)[i] = (int16_t)(uint16_t)((uint32_t)value & 0xffffu);
    } else if (p->to == BC_CAST_S32) {
        ((int32_t *)y)[i] = value;
    } else if (p->to == BC_CAST_F32) {
        ((float *)y)[i] = (float)value;
    } else {
        ((uint8_t *)y)[i] = (uint8_t)(value != 0);
    }
}

#endif
