/* SPDX-License-Identifier: 0BSD */
#ifndef BC_UNARY_S8_C_H
#define BC_UNARY_S8_C_H

#include "barecast/bc_math.h"
#include "barecast/unary.h"

static BC_KERNEL void bc_unary_s8_c(const bc_unary_params *p, const int8_t *x, int8_t *y)
{
    for (int32_t i = 0; i < p->size; i++) {
        y[i] = (int8_t)bc_clamp_s32(x[i], p->y_min, p->y_max);
    }
}

#endif
