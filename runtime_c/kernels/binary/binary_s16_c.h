/* SPDX-License-Identifier: 0BSD */
#ifndef BC_BINARY_S16_C_H
#define BC_BINARY_S16_C_H

#include "barecast/bc_math.h"
#include "barecast/binary.h"

static BC_INLINE int16_t bc_binary_s16_c_one(const bc_binary_params *p, int32_t a, int32_t b)
{
    int32_t value = a * b;
    if (p->kind != BC_BINARY_MUL) {
        a = bc_requantize(a * ((int32_t)1 << 15), p->a_mult, p->a_shift, p->ties);
        b = bc_requantize(b * ((int32_t)1 << 15), p->b_mult, p->b_shift, p->ties);
        value = p->kind == BC_BINARY_ADD ? a + b : p->kind == BC_BINARY_SUB ? a - b : b - a;
    }
    return bc_requantize_s16(value, p->y_mult, p->shift, p->ties, 0, p->y_min, p->y_max);
}

static BC_KERNEL void bc_binary_s16_c(const bc_binary_params *p, const int16_t *a, const int16_t *b, int16_t *y)
{
    for (int32_t i0 = 0; i0 < p->extent0; i0++) {
        for (int32_t i1 = 0; i1 < p->extent1; i1++) {
            for (int32_t i2 = 0; i2 < p->extent2; i2++) {
                for (int32_t i3 = 0; i3 < p->extent3; i3++) {
                    const int16_t *a_row =
                        a + i0 * p->a_stride0 + i1 * p->a_stride1 + i2 * p->a_stride2 + i3 * p->a_stride3;
                    const int16_t *b_row =
                        b + i0 * p->b_stride0 + i1 * p->b_stride1 + i2 * p->b_stride2 + i3 * p->b_stride3;
                    for (int32_t i4 = 0; i4 < p->extent4; i4++) {
                        *y++ = bc_binary_s16_c_one(p, a_row[i4 * p->a_stride4], b_row[i4 * p->b_stride4]);
                    }
                }
            }
        }
    }
}

#endif
