/* SPDX-License-Identifier: 0BSD */
#ifndef BC_PAIRWISE_S16_C_H
#define BC_PAIRWISE_S16_C_H

#include "barecast/bc_math.h"
#include "barecast/pairwise.h"

static BC_INLINE int16_t bc_pairwise_s16_c_one(const bc_pairwise_params *p, int16_t first, int16_t second)
{
    const int32_t a = first, b = second;
    if (p->kind == BC_PAIRWISE_MAX || p->kind == BC_PAIRWISE_MIN) {
        return (int16_t)bc_clamp_s32((p->kind == BC_PAIRWISE_MAX) == (a > b) ? a : b, p->y_min, p->y_max);
    }
    if (p->kind == BC_PAIRWISE_PRELU) {
        return a >= 0 ? bc_requantize_s16(a, p->y_mult, p->y_shift, p->ties, 0, p->y_min, p->y_max)
                      : bc_requantize_s16(a * b, p->b_mult, p->b_shift, p->ties, 0, p->y_min, p->y_max);
    }
    const int32_t d =
        bc_requantize(a, p->a_mult, p->a_shift, p->ties) - bc_requantize(b, p->b_mult, p->b_shift, p->ties);
    return bc_requantize_s16(d * d, p->y_mult, p->y_shift, p->ties, 0, p->y_min, p->y_max);
}

static BC_KERNEL void bc_pairwise_s16_c(const bc_pairwise_params *p, const int16_t *a, const int16_t *b, int16_t *y)
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
                        const int16_t first = a_row[i4 * p->a_stride4], second = b_row[i4 * p->b_stride4];
                        *y++ = p->swapped ? bc_pairwise_s16_c_one(p, second, first)
                                          : bc_pairwise_s16_c_one(p, first, second);
                    }
                }
            }
        }
    }
}

#endif
