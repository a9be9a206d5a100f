/* SPDX-License-Identifier: 0BSD */
#ifndef BC_LOG_SOFTMAX_S8_C_H
#define BC_LOG_SOFTMAX_S8_C_H

#include "barecast/bc_fixed_point.h"
#include "barecast/log_softmax.h"

static BC_INLINE void bc_log_softmax_s8_c_row(
    const bc_log_softmax_params *p, const int8_t *in, const int32_t *table, int8_t *out)
{
    int32_t max = -128;
    for (int32_t i = 0; i < p->extent; i++) {
        const int32_t value = in[i * p->inner];
        max = value > max ? value : max;
    }
    int32_t sum = 0;
    for (int32_t i = 0; i < p->extent; i++) {
        sum += bc_divide_by_power(table[max - in[i * p->inner]], 12);
    }
    const int32_t log_sum = bc_log_above_one(sum);
    int32_t least = bc_requantize_twice(log_sum + INT32_MIN, p->back_mult, p->back_shift);
    least = least < p->least ? p->least : least;
    for (int32_t i = 0; i < p->extent; i++) {
        const int32_t difference = in[i * p->inner] - max;
        int32_t y = -128;
        if (difference > least) {
            const int32_t fine = bc_requantize_twice(difference, p->mult, p->shift) - log_sum;
            y = bc_clamp_s32(bc_divide_by_power(fine, 22) + 127, -128, 127);
        }
        out[i * p->inner] = (int8_t)y;
    }
}

static BC_KERNEL void bc_log_softmax_s8_c(
    const bc_log_softmax_params *p, const int8_t *x, const int32_t *table, int8_t *y)
{
    for (int32_t outer = 0; outer < p->outer; outer++) {
        for (int32_t inner = 0; inner < p->inner; inner++) {
            const int32_t start = outer * p->extent * p->inner + inner;
            bc_log_softmax_s8_c_row(p, x + start, table, y + start);
        }
    }
}

#endif
