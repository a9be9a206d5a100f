/* SPDX-License-Identifier: 0BSD */
#ifndef BC_PAIRWISE_S32_C_H
#define BC_PAIRWISE_S32_C_H

#include "barecast/bc_math.h"
#include "barecast/pairwise.h"

/* Towards zero; 0 where b is 0. INT32_MIN / -1 wraps, as a negation does. */
static BC_INLINE int32_t bc_pairwise_s32_c_quotient(int32_t a, int32_t b)
{
    return b == 0 ? 0 : b == -1 ? (int32_t)(0u - (uint32_t)a) : a / b;
}

static BC_INLINE int32_t bc_pairwise_s32_c_one(const bc_pairwise_params *p, int32_t a, int32_t b)
{
    /* Unsigned arithmetic wraps. */
    const uint32_t u = (uint32_t)a, v = (uint32_t)b;
    int32_t y;
    if (p->kind == BC_PAIRWISE_ADD) {
        y = (int32_t)(u + v);
    } else if (p->kind == BC_PAIRWISE_SUB) {
        y = (int32_t)(u - v);
    } else if (p->kind == BC_PAIRWISE_MUL) {
        y = (int32_t)(u * v);
    } else if (p->kind == BC_PAIRWISE_MAX) {
        y = a > b ? a : b;
    } else if (p->kind == BC_PAIRWISE_MIN) {
        y = a < b ? a : b;
    } else if (p->kind == BC_PAIRWISE_DIV) {
        y = bc_pairwise_s32_c_quotient(a, b);
    } else {
        y = (int32_t)((u - v) * (u - v));
    }
    return bc_clamp_s32(y, p->y_min, p->y_max);
}

static BC_KERNEL void bc_pairwise_s32_c(const bc_pairwise_params *p, const int32_t *a, const int32_t *b, int32_t *y)
{
    for (int32_t i0 = 0; i0 < p->extent0; i0++) {
        for (int32_t i1 = 0; i1 < p->extent1; i1++) {
            for (int32_t i2 = 0; i2 < p->extent2; i2++) {
                for (int32_t i3 = 0; i3 < p->extent3; i3++) {
                    const int32_t *a_row =
                        a + i0 * p->a_stride0 + i1 * p->a_stride1 + i2 * p->a_stride2 + i3 * p->a_stride3;
                    const int32_t *b_row =
                        b + i0 * p->b_stride0 + i1 * p->b_stride1 + i2 * p->b_stride2 + i3 * p->b_stride3;
                    for (int32_t i4 = 0; i4 < p->extent4; i4++) {
                        const int32_t first = a_row[i4 * p->a_stride4], second = b_row[i4 * p->b_stride4];
                        *y++ = p->swapped ? bc_pairwise_s32_c_one(p, second, first)
                                          : bc_pairwise_s32_c_one(p, first, second);
                    }
                }
            }
        }
    }
}

#endif
