/* SPDX-License-Identifier: 0BSD */
#ifndef BC_UNARY_S16_C_H
#define BC_UNARY_S16_C_H

#include "barecast/bc_math.h"
#include "barecast/unary.h"

static BC_KERNEL void bc_unary_s16_c(const bc_unary_params *p, const int16_t *x, int16_t *y)
{
    for (int32_t i = 0; i < p->size; i++) {
        y[i] = (int16_t)bc_clamp_s32(x[i], p->y_min, p->y_max);
    }
}

#endif
