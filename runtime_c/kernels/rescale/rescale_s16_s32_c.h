/* SPDX-License-Identifier: 0BSD */
#ifndef BC_RESCALE_S16_S32_C_H
#define BC_RESCALE_S16_S32_C_H

#include "barecast/rescale.h"

static BC_KERNEL void bc_rescale_s16_s32_c(const bc_rescale_params *p, const int16_t *x, int32_t *y)
{
    for (int32_t i = 0; i < p->size; i++) {
        y[i] = bc_rescale_one(p, x[i]);
    }
}

#endif
