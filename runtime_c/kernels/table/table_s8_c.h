/* SPDX-License-Identifier: 0BSD */
#ifndef BC_TABLE_S8_C_H
#define BC_TABLE_S8_C_H

#include "barecast/table.h"

static BC_KERNEL void bc_table_s8_c(const bc_table_params *p, const void *x, const void *table, void *y)
{
    const uint8_t *in = (const uint8_t *)x;
    const uint8_t *entries = (const uint8_t *)table;
    uint8_t *out = (uint8_t *)y;
    for (int32_t i = 0; i < p->size; i++) {
        out[i] = entries[in[i]];
    }
}

#endif
