/* SPDX-License-Identifier: 0BSD */
#ifndef BC_QUANTIZE_U8_C_H
#define BC_QUANTIZE_U8_C_H

#include "barecast/quantize.h"

static BC_KERNEL void bc_quantize_u8_c(const bc_quantize_params *p, const float *x, uint8_t *y)
{
    for (int32_t i = 0; i < p->size; i++) {
        y[i] = (uint8_t)bc_quantize_one(x[i], p->scale, p->y_zero, 0, 255, p->ties);
    }
}

#endif
