/* SPDX-License-Identifier: 0BSD */
#ifndef BC_UNARY_U8_C_H
#define BC_UNARY_U8_C_H

#include "barecast/bc_math.h"
#include "barecast/unary.h"

static BC_KERNEL void bc_unary_u8_c(const bc_unary_params *p, const uint8_t *x, uint8_t *y)
{
    for (int32_t i = 0; i < p->size; i++) {
        y[i] = (uint8_t)bc_clamp_s32(x[i], p->y_min, p->y_max);
    }
}

#endif
