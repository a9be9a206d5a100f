/* SPDX-License-Identifier: 0BSD */
#ifndef BC_SIGMOID_S16_C_H
#define BC_SIGMOID_S16_C_H

#include "barecast/bc_curves16.h"
#include "barecast/sigmoid.h"

static BC_INLINE int32_t bc_sigmoid_s16_c_one(const bc_sigmoid_params *p, const int16_t *table, int32_t x)
{
    if (p->is_tanh) {
        return bc_tanh16(table, x, p->mult, p->shift);
    }
    return bc_logistic16_of(table, (x * p->mult + (p->shift > 0 ? (int32_t)1 << (p->shift - 1) : 0)) >> p->shift);
}

static BC_KERNEL void bc_sigmoid_s16_c(const bc_sigmoid_params *p, const int16_t *x, const int16_t *table, int16_t *y)
{
    for (int32_t i = 0; i < p->size; i++) {
        y[i] = (int16_t)bc_sigmoid_s16_c_one(p, table, x[i]);
    }
}

#endif
