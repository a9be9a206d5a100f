/* SPDX-License-Identifier: 0BSD */
#ifndef BC_CAST_F32_C_H
#define BC_CAST_F32_C_H

#include "barecast/cast.h"

/* x without its fraction, between low and high; NaN is 0. `above` is high + 1, which float32 holds. */
static BC_INLINE int32_t bc_cast_f32_c_whole(float x, int32_t low, int32_t high, float above)
{
    return x >= above ? high : x <= (float)low ? low : x == x ? (int32_t)x : 0;
}

static BC_KERNEL void bc_cast_f32_c(const bc_cast_params *p, const float *x, void *y)
{
    for (int32_t i = 0; i < p->size; i++) {
        if (p->to == BC_CAST_F32) {
            ((float *)y)[i] = x[i];
        } else if (p->to == BC_CAST_BOOL) {
            ((uint8_t *)y)[i] = (uint8_t)(x[i] != 0.0f);
        } else if (p->to == BC_CAST_S8) {
            bc_cast_store(p, y, i, bc_cast_f32_c_whole(x[i], INT8_MIN, INT8_MAX, 128.0f));
        } else if (p->to == BC_CAST_S16) {
            bc_cast_store(p, y, i, bc_cast_f32_c_whole(x[i], INT16_MIN, INT16_MAX, 32768.0f));
        } else {
            bc_cast_store(p, y, i, bc_cast_f32_c_whole(x[i], INT32_MIN, INT32_MAX, 2147483648.0f));
        }
    }
}

#endif
