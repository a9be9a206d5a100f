/* SPDX-License-Identifier: 0BSD */
#ifndef BC_CUMSUM_S8_C_H
#define BC_CUMSUM_S8_C_H

#include "barecast/bc_math.h"
#include "barecast/cumsum.h"

static BC_INLINE int8_t bc_cumsum_s8_c_out(const bc_cumsum_params *p, uint32_t sum)
{
    const int32_t steps = bc_requantize((int32_t)sum, p->mult, p->shift, p->ties) + p->y_zero;
    return (int8_t)bc_clamp_s32(steps, p->y_min, p->y_max);
}

static BC_KERNEL void bc_cumsum_s8_c(const bc_cumsum_params *p, const int8_t *x, int8_t *y)
{
    for (int32_t o = 0; o < p->outer; ++o) {
        for (int32_t i = 0; i < p->inner; ++i) {
            uint32_t sum = 0u - ((uint32_t)p->x_zero << 19); /* unsigned: sums wrap */
            for (int32_t k = 0; k < p->n; ++k) {
                const int32_t place = (p->reverse ? p->n - 1 - k : k) * p->inner + i;
                const uint32_t before = sum;
                sum += (uint32_t)(x[place] - p->x_zero) << 19;
                if (!p->total) {
                    y[place] = bc_cumsum_s8_c_out(p, p->exclusive ? before : sum);
                } else if (k == p->n - 1) {
                    y[i] = bc_cumsum_s8_c_out(p, p->exclusive ? before : sum);
                }
            }
        }
        x += p->n * p->inner;
        y += p->total ? p->inner : p->n * p->inner;
    }
}

#endif
