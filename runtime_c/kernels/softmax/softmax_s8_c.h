/* SPDX-License-Identifier: 0BSD */
#ifndef BC_SOFTMAX_S8_C_H
#define BC_SOFTMAX_S8_C_H

#include "barecast/softmax.h"

static BC_INLINE int8_t bc_softmax_s8_c_one(const bc_softmax_params *p, uint32_t term, uint64_t factor)
{
    const uint64_t moved = term * factor + ((uint64_t)1 << (p->shift - 1));
    /* Below 2**31: the product is below 2**63, and shift is 32 or more. */
    uint32_t steps = (uint32_t)(moved >> p->shift);
    if ((moved & (((uint64_t)1 << p->shift) - 1)) == 0) {
        steps &= ~(uint32_t)1; /* exactly a half */
    }
    /* More than 255 steps saturate whatever the zero point is. */
    const int32_t y = (steps > 512u ? 512 : (int32_t)steps) + p->y_zero;
    return (int8_t)(y < p->y_min ? p->y_min : y > p->y_max ? p->y_max : y);
}

static BC_KERNEL void bc_softmax_s8_c(const bc_softmax_params *p, const int8_t *x, const int32_t *table, int8_t *y)
{
    for (int32_t outer = 0; outer < p->outer; outer++) {
        for (int32_t inner = 0; inner < p->inner; inner++) {
            const int32_t start = outer * p->extent * p->inner + inner;
            const int8_t *in = x + start;
            int8_t *out = y + start;
            int32_t max = -128;
            for (int32_t i = 0; i < p->extent; i++) {
                const int32_t value = in[i * p->inner];
                max = value > max ? value : max;
            }
            uint32_t sum = 0;
            for (int32_t i = 0; i < p->extent; i++) {
                sum += (uint32_t)table[max - in[i * p->inner]];
            }
            const uint64_t factor = ((uint64_t)(uint32_t)p->mult << 32) / sum;
            for (int32_t i = 0; i < p->extent; i++) {
                out[i * p->inner] = bc_softmax_s8_c_one(p, (uint32_t)table[max - in[i * p->inner]], factor);
            }
        }
    }
}

#endif
