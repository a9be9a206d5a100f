/* SPDX-License-Identifier: 0BSD */
/* reduce on the FPU of Cortex-M, float: eight columns at a time, added in plain C's order. */
#ifndef BC_REDUCE_F32_FPU_H
#define BC_REDUCE_F32_FPU_H

#include "barecast/bc_columns_fpu.h"
#include "barecast/reduce_f32_c.h"

static BC_KERNEL void bc_reduce_f32_fpu(const bc_reduce_params *p, const float *x, float *y)
{
    for (int32_t o = 0; o < p->outer; ++o) {
        int32_t i = 0;
        for (; i + 8 <= p->inner; i += 8) {
            float sums[8];
            bc_fpu_column_sums(sums, bc_fpu_zeros, x + i, 1, p->n, 0, p->inner);
            for (int32_t k = 0; k < 8; ++k) {
                *y++ = bc_clamp_f32(sums[k] / (float)p->n, p->y_min_f, p->y_max_f);
            }
        }
        for (; i < p->inner; ++i) {
            *y++ = bc_reduce_f32_c_out(p, x + i);
        }
        x += p->n * p->inner;
    }
}

#endif
