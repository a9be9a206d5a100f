/* SPDX-License-Identifier: 0BSD */
#ifndef BC_L2NORM_F32_C_H
#define BC_L2NORM_F32_C_H

#include "barecast/bc_exact_f32.h"
#include "barecast/l2norm.h"

static BC_KERNEL void bc_l2norm_f32_c(const bc_l2norm_params *p, const float *x, float *y)
{
    for (int32_t o = 0; o < p->outer; ++o) {
        for (int32_t i = 0; i < p->inner; ++i) {
            float sum = 0.0f;
            for (int32_t k = 0; k < p->n; ++k) {
                sum += x[k * p->inner + i] * x[k * p->inner + i];
            }
            const float root = bc_sqrt_f32(sum);
            const float length = root < p->epsilon ? p->epsilon : root;
            for (int32_t k = 0; k < p->n; ++k) {
                y[k * p->inner + i] = x[k * p->inner + i] / length;
            }
        }
        x += p->n * p->inner;
        y += p->n * p->inner;
    }
}

#endif
