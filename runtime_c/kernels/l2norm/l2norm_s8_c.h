/* SPDX-License-Identifier: 0BSD */
#ifndef BC_L2NORM_S8_C_H
#define BC_L2NORM_S8_C_H

#include "barecast/bc_fixed_point.h"
#include "barecast/l2norm.h"

static BC_KERNEL void bc_l2norm_s8_c(const bc_l2norm_params *p, const int8_t *x, int8_t *y)
{
    for (int32_t o = 0; o < p->outer; ++o) {
        for (int32_t i = 0; i < p->inner; ++i) {
            int32_t sum = 0;
            for (int32_t k = 0; k < p->n; ++k) {
                const int32_t value = x[k * p->inner + i] - p->x_zero;
                sum += value * value;
            }
            int32_t right;
            const int32_t inverse = bc_inverse_sqrt(sum, &right);
            for (int32_t k = 0; k < p->n; ++k) {
                const int32_t value = x[k * p->inner + i] - p->x_zero;
                /* 2**7 steps are 1. */
                const int32_t steps = bc_requantize(value, inverse, 31 - 7 + right, p->ties);
                y[k * p->inner + i] = (int8_t)bc_clamp_s32(steps, -128, 127);
            }
        }
        x += p->n * p->inner;
        y += p->n * p->inner;
    }
}

#endif
