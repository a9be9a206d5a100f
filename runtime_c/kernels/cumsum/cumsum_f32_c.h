/* SPDX-License-Identifier: 0BSD */
#ifndef BC_CUMSUM_F32_C_H
#define BC_CUMSUM_F32_C_H

#include "barecast/cumsum.h"

static BC_KERNEL void bc_cumsum_f32_c(const bc_cumsum_params *p, const float *x, float *y)
{
    for (int32_t o = 0; o < p->outer; ++o) {
        for (int32_t i = 0; i < p->inner; ++i) {
            float sum = 0.0f;
            for (int32_t k = 0; k < p->n; ++k) {
                const int32_t place = (p->reverse ? p->n - 1 - k : k) * p->inner + i;
                const float before = sum;
                sum += x[place];
                if (!p->total) {
                    y[place] = p->exclusive ? before : sum;
                } else if (k == p->n - 1) {
                    y[i] = p->exclusive ? before : sum;
                }
            }
        }
        x += p->n * p->inner;
        y += p->total ? p->inner : p->n * p->inner;
    }
}

#endif
