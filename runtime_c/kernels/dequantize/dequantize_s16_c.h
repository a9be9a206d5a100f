/* SPDX-License-Identifier: 0BSD */
#ifndef BC_DEQUANTIZE_S16_C_H
#define BC_DEQUANTIZE_S16_C_H

#include "barecast/dequantize.h"

static BC_KERNEL void bc_dequantize_s16_c(const bc_dequantize_params *p, const int16_t *x, float *y)
{
    for (int32_t i = 0; i < p->size; i++) {
        y[i] = bc_dequantize_one(x[i], p->scale, p->x_zero);
    }
}

#endif
