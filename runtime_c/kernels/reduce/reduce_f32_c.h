/* SPDX-License-Identifier: 0BSD */
/* reduce in plain C, float: one output at a time. */
#ifndef BC_REDUCE_F32_C_H
#define BC_REDUCE_F32_C_H

#include "barecast/bc_math.h"
#include "barecast/reduce.h"

/* The output of the column at x. */
static BC_INLINE float bc_reduce_f32_c_out(const bc_reduce_params *p, const float *x)
{
    float acc = 0.0f;
    for (int32_t k = 0; k < p->n; ++k) {
        acc += x[k * p->inner];
    }
    return bc_clamp_f32(acc / (float)p->n, p->y_min_f, p->y_max_f);
}

static BC_KERNEL void bc_reduce_f32_c(const bc_reduce_params *p, const float *x, float *y)
{
    for (int32_t o = 0; o < p->outer; ++o) {
        for (int32_t i = 0; i < p->inner; ++i) {
            *y++ = bc_reduce_f32_c_out(p, x + i);
        }
        x += p->n * p->inner;
    }
}

#endif
