/* SPDX-License-Identifier: 0BSD */
/* reduce in plain C, int16: one output at a time. */
#ifndef BC_REDUCE_S16_C_H
#define BC_REDUCE_S16_C_H

#include "barecast/bc_math.h"
#include "barecast/reduce.h"

static BC_KERNEL void bc_reduce_s16_c(const bc_reduce_params *p, const int16_t *x, const int32_t *mult, int16_t *y)
{
    for (int32_t o = 0; o < p->outer; ++o) {
        for (int32_t i = 0; i < p->inner; ++i) {
            int32_t acc = -p->x_zero * p->n;
            for (int32_t k = 0; k < p->n; ++k) {
                acc += x[k * p->inner + i];
            }
            *y++ = bc_requantize_s16(acc, mult[0], p->shift, p->ties, p->y_zero, p->y_min, p->y_max);
        }
        x += p->n * p->inner;
    }
}

#endif
