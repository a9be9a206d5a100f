/* SPDX-License-Identifier: 0BSD */
#ifndef BC_AGGREGATE_BOOL_C_H
#define BC_AGGREGATE_BOOL_C_H

#include "barecast/aggregate.h"

static BC_KERNEL void bc_aggregate_bool_c(const bc_aggregate_params *p, const uint8_t *x, uint8_t *y)
{
    for (int32_t o = 0; o < p->outer; ++o) {
        for (int32_t i = 0; i < p->inner; ++i) {
            int32_t all = 1;
            for (int32_t k = 0; k < p->n; ++k) {
                all &= x[k * p->inner + i] != 0;
            }
            *y++ = (uint8_t)all;
        }
        x += p->n * p->inner;
    }
}

#endif
