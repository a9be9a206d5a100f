/* SPDX-License-Identifier: 0BSD */
#ifndef BC_QUANTIZE_S16_C_H
#define BC_QUANTIZE_S16_C_H

#include "barecast/quantize.h"

static BC_KERNEL void bc_quantize_s16_c(const bc_quantize_params *p, const float *x, int16_t *y)
{
    for (int32_t i = 0; i < p->size; i++) {
        y[i] = (int16_t)bc_quantize_one(x[i], p->scale, p->y_zero, -32768, 32767, p->ties);
    }
}

#endif
