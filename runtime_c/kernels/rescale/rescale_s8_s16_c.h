/* SPDX-License-Identifier: 0BSD */
#ifndef BC_RESCALE_S8_S16_C_H
#define BC_RESCALE_S8_S16_C_H

#include "barecast/rescale.h"

static BC_KERNEL void bc_rescale_s8_s16_c(const bc_rescale_params *p, const int8_t *x, int16_t *y)
{
    for (int32_t i = 0; i < p->size; i++) {
        y[i] = (int16_t)bc_rescale_one(p, x[i]);
    }
}

#endif
