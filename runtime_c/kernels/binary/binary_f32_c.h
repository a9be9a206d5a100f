/* SPDX-License-Identifier: 0BSD */
#ifndef BC_BINARY_F32_C_H
#define BC_BINARY_F32_C_H

#include "barecast/bc_math.h"
#include "barecast/binary.h"

static BC_INLINE float bc_binary_f32_c_one(const bc_binary_params *p, float a, float b)
{
    const float y = p->kind == BC_BINARY_ADD   ? a + b
                    : p->kind == BC_BINARY_SUB ? a - b
                    : p->kind == BC_BINARY_MUL ? a * b
                                               : b - a;
    return bc_clamp_f32(y, p->y_min_f, p->y_max_f);
}

static BC_KERNEL void bc_binary_f32_c(const bc_binary_params *p, const float *a, const float *b, float *y)
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
                        *y++ = bc_binary_f32_c_one(p, a_row[i4 * p->a_stride4], b_row[i4 * p->b_stride4]);
                    }
                }
            }
        }
    }
}

#endif
