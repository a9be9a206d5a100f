/* SPDX-License-Identifier: 0BSD */
#ifndef BC_RESCALE_S16_S8_C_H
#define BC_RESCALE_S16_S8_C_H

#include "barecast/rescale.h"

static BC_KERNEL void bc_rescale_s16_s8_c(const bc_rescale_params *p, const int16_t *x, int8_t *y)
{
    for (int32_t i = 0; i < p->size; i++) {
        y[i] = (int8_t)bc_rescale_one(p, x[i]);
    }
}

#endif
