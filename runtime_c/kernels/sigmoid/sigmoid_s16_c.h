/* SPDX-License-Identifier: 0BSD */
#ifndef BC_SIGMOID_S16_C_H
#define BC_SIGMOID_S16_C_H

#include "barecast/sigmoid.h"

static BC_INLINE int16_t bc_sigmoid_s16_c_one(const bc_sigmoid_params *p, const int16_t *table, int32_t x)
{
    const int32_t u = (x * p->mult + (p->shift > 0 ? (int32_t)1 << (p->shift - 1) : 0)) >> p->shift;
    const int32_t bits = p->is_tanh ? 8 : 9; /* between two entries */
    const int32_t size = u < 0 ? -u : u;
    const int32_t entry = size >> bits;
    /* sigmoid - 1 / 2 with the table's 16 fraction bits, and `bits` more. */
    int32_t value = p->is_tanh ? INT16_MAX << 8 : (INT16_MAX << 10) - (1 << 24);
    if (entry < 255) {
        value = (table[entry] << bits) + (size & ((1 << bits) - 1)) * (table[entry + 1] - table[entry]);
    }
    if (p->is_tanh) {
        return (int16_t)((u < 0 ? -value + 127 : value + 128) >> 8);
    }
    return (int16_t)(((1 << 24) + (u < 0 ? -value + 511 : value + 512)) >> 10);
}

static BC_KERNEL void bc_sigmoid_s16_c(
    const bc_sigmoid_params *p, const int16_t *x, const int16_t *table, int16_t *y)
{
    for (int32_t i = 0; i < p->size; i++) {
        y[i] = bc_sigmoid_s16_c_one(p, table, x[i]);
    }
}

#endif
