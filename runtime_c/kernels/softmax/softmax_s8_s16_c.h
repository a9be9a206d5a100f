/* SPDX-License-Identifier: 0BSD */
#ifndef BC_SOFTMAX_S8_S16_C_H
#define BC_SOFTMAX_S8_S16_C_H

#include "barecast/bc_fixed_point.h"
#include "barecast/bc_math.h"
#include "barecast/softmax.h"

/* One row, as bc_softmax_s8_c_row_tflite has it, with a result in steps of 2**-16. */
static BC_INLINE void bc_softmax_s8_s16_c_row(
    const bc_softmax_params *p, const int8_t *in, const int32_t *table, int16_t *out)
{
    int32_t max = INT8_MIN;
    for (int32_t i = 0; i < p->extent; i++) {
        const int32_t value = in[i * p->inner];
        max = value > max ? value : max;
    }
    uint32_t sum = 0;
    for (int32_t i = 0; i < p->extent; i++) {
        sum += (uint32_t)bc_divide_by_power(table[max - in[i * p->inner]], 12);
    }
    int32_t headroom = 0;
    for (; (sum >> 31) == 0; headroom++) {
        sum <<= 1;
    }
    const int32_t scale = bc_reciprocal((int32_t)(sum - 0x80000000u));
    const int32_t exponent = 12 - headroom + 31 - 16;
    for (int32_t i = 0; i < p->extent; i++) {
        const int32_t product = bc_double_high(scale, table[max - in[i * p->inner]]);
        const int32_t y = bc_divide_by_power(product, exponent);
        out[i * p->inner] = (int16_t)bc_clamp_s32(y + p->y_zero, p->y_min, p->y_max);
    }
}

static BC_KERNEL void bc_softmax_s8_s16_c(
    const bc_softmax_params *p, const int8_t *x, const int32_t *table, int16_t *y)
{
    for (int32_t outer = 0; outer < p->outer; outer++) {
        for (int32_t inner = 0; inner < p->inner; inner++) {
            const int32_t start = outer * p->extent * p->inner + inner;
            bc_softmax_s8_s16_c_row(p, x + start, table, y + start);
        }
    }
}

#endif
