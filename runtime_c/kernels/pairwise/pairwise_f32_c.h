/* SPDX-License-Identifier: 0BSD */
#ifndef BC_PAIRWISE_F32_C_H
#define BC_PAIRWISE_F32_C_H

#include "barecast/bc_exact_f32.h"
#include "barecast/bc_math.h"
#include "barecast/bc_pow_f32.h"
#include "barecast/pairwise.h"

static BC_INLINE float bc_pairwise_f32_c_one(const bc_pairwise_params *p, float a, float b)
{
    float y;
    if (p->kind == BC_PAIRWISE_MAX) {
        y = a > b ? a : b;
    } else if (p->kind == BC_PAIRWISE_MIN) {
        y = a < b ? a : b;
    } else if (p->kind == BC_PAIRWISE_DIV) {
        y = a / b;
    } else if (p->kind == BC_PAIRWISE_FLOOR_DIV) {
        y = bc_floor_div_f32(a, b);
    } else if (p->kind == BC_PAIRWISE_FLOOR_MOD) {
        y = bc_floor_mod_f32(a, b);
    } else if (p->kind == BC_PAIRWISE_SQUARED_DIFFERENCE) {
        y = (a - b) * (a - b);
    } else if (p->kind == BC_PAIRWISE_POW) {
        y = bc_pow_f32(a, b);
    } else if (p->kind == BC_PAIRWISE_MOD) {
        y = bc_fmod_f32(a, b);
    } else {
        y = a >= 0.0f ? a : a * b;
    }
    return bc_clamp_f32(y, p->y_min_f, p->y_max_f);
}

static BC_KERNEL void bc_pairwise_f32_c(const bc_pairwise_params *p, const float *a, const float *b, float *y)
{
    for (int32_t i0 = 0; i0 < p->extent0; i0++) {
        for (int32_t i1 = 0; i1 < p->extent1; i1++) {
            for (int32_t i2 = 0; i2 < p->extent2; i2++) {
                for (int32_t i3 = 0; i3 < p->extent3; i3++) {
                    const float *a_row =
                        a + i0 * p->a_stride0 + i1 * p->a_stride1 + i2 * p->a_stride2 + i3 * p->a_stride3;
                    const float *b_row =
                        b + i0 * p->b_stride0 + i1 * p->b_stride1 + i2 * p->b_stride2 + i3 * p->b_stride3;
                    for (int32_t i4 = 0; i4 < p->extent4; i4++) {
                        const float first = a_row[i4 * p->a_stride4], second = b_row[i4 * p->b_stride4];
                        *y++ = p->swapped ? bc_pairwise_f32_c_one(p, second, first)
                                          : bc_pairwise_f32_c_one(p, first, second);
                    }
                }
            }
        }
    }
}

#endif
