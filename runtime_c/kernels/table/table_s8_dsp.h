/* SPDX-License-Identifier: 0BSD */
/* table for the DSP extension: four bytes in a word at a time. Same call as table_s8_c. */
#ifndef BC_TABLE_S8_DSP_H
#define BC_TABLE_S8_DSP_H

#include "barecast/bc_dsp.h"
#include "barecast/table.h"

static BC_KERNEL void bc_table_s8_dsp(const bc_table_params *p, const void *x, const void *table, void *y)
{
    const int8_t *in = (const int8_t *)x;
    const uint8_t *entries = (const uint8_t *)table;
    int8_t *out = (int8_t *)y;
#pragma GCC unroll 1
    for (int32_t i = 0; i < p->size / 4; ++i) {
        const uint32_t word = (uint32_t)bc_load4(in);
        bc_store4(out, entries[word & 255u], entries[(word >> 8) & 255u], entries[(word >> 16) & 255u],
                  entries[word >> 24]);
        in += 4;
        out += 4;
    }
    for (int32_t i = 0; i < p->size % 4; ++i) {
        out[i] = (int8_t)entries[(uint8_t)in[i]];
    }
}

#endif
