/* SPDX-License-Identifier: 0BSD */
#ifndef BC_CAST_S8_C_H
#define BC_CAST_S8_C_H

#include "barecast/cast.h"

static BC_KERNEL void bc_cast_s8_c(const bc_cast_params *p, const int8_t *x, void *y)
{
    for (int32_t i = 0; i < p->size; i++) {
        bc_cast_store(p, y, i, x[i]);
    }
}

#endif
