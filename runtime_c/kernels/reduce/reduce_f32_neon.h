/* SPDX-License-Identifier: 0BSD */
/* reduce with NEON, float: up to 16 columns at a time, added in plain C's order. */
#ifndef BC_REDUCE_F32_NEON_H
#define BC_REDUCE_F32_NEON_H

#include "barecast/bc_window_f32_neon.h"
#include "barecast/reduce_f32_c.h"

/* 4 * quads columns, quads 4 or 1. */
static BC_INLINE void bc_reduce_f32_neon_columns(const bc_reduce_params *p, const float *x, float *y, int32_t quads)
{
    const bc_f32_neon_bounds bounds = bc_f32_neon_bounds_of(p->y_min_f, p->y_max_f);
    float32x4_t sum[4];
    for (int32_t q = 0; q < quads; ++q) {
        sum[q] = vdupq_n_f32(0.0f);
    }
    for (int32_t k = 0; k < p->n; ++k) {
        for (int32_t q = 0; q < quads; ++q) {
            sum[q] = vaddq_f32(sum[q], vld1q_f32(x + 4 * q));
        }
        x += p->inner;
    }
    for (int32_t q = 0; q < quads; ++q) {
        float four[4];
        vst1q_f32(four, sum[q]);
        for (int32_t k = 0; k < 4; ++k) {
            four[k] /= (float)p->n;
        }
        vst1q_f32(y + 4 * q, bc_f32_neon_limit(vld1q_f32(four), &bounds));
    }
}

static BC_KERNEL void bc_reduce_f32_neon(const bc_reduce_params *p, const float *x, float *y)
{
    for (int32_t o = 0; o < p->outer; ++o) {
        int32_t i = 0;
        for (; i + 16 <= p->inner; i += 16) {
            bc_reduce_f32_neon_columns(p, x + i, y + i, 4);
        }
        for (; i + 4 <= p->inner; i += 4) {
            bc_reduce_f32_neon_columns(p, x + i, y + i, 1);
        }
        for (; i < p->inner; ++i) {
            y[i] = bc_reduce_f32_c_out(p, x + i);
        }
        x += p->n * p->inner;
        y += p->inner;
    }
}

#endif
