/* SPDX-License-Identifier: 0BSD */
#ifndef BC_CAST_BOOL_C_H
#define BC_CAST_BOOL_C_H

#include "barecast/cast.h"

static BC_KERNEL void bc_cast_bool_c(const bc_cast_params *p, const uint8_t *x, void *y)
{
    for (int32_t i = 0; i < p->size; i++) {
        bc_cast_store(p, y, i, x[i] != 0);
    }
}

#endif
