/* SPDX-License-Identifier: 0BSD */
#ifndef BC_AGGREGATE_S8_C_H
#define BC_AGGREGATE_S8_C_H

#include "barecast/aggregate.h"
#include "barecast/bc_math.h"

static BC_KERNEL void bc_aggregate_s8_c(const bc_aggregate_params *p, const int8_t *x, int8_t *y)
{
    for (int32_t o = 0; o < p->outer; ++o) {
        for (int32_t i = 0; i < p->inner; ++i) {
            int32_t found = x[i];
            for (int32_t k = 1; k < p->n; ++k) {
                const int32_t value = x[k * p->inner + i];
                found = (p->kind == BC_AGGREGATE_MAX) == (value > found) ? value : found;
            }
            *y++ = (int8_t)bc_clamp_s32(found, p->y_min, p->y_max);
        }
        x += p->n * p->inner;
    }
}

#endif
