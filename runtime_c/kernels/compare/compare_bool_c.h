/* SPDX-License-Identifier: 0BSD */
#ifndef BC_COMPARE_BOOL_C_H
#define BC_COMPARE_BOOL_C_H

#include "barecast/compare.h"

static BC_INLINE uint8_t bc_compare_bool_c_one(const bc_compare_params *p, int32_t a, int32_t b)
{
    a = a != 0;
    b = b != 0;
    return BC_COMPARE(p->kind, a, b);
}

static BC_KERNEL void bc_compare_bool_c(const bc_compare_params *p, const uint8_t *a, const uint8_t *b, uint8_t *y)
{
    for (int32_t i0 = 0; i0 < p->extent0; i0++) {
        for (int32_t i1 = 0; i1 < p->extent1; i1++) {
            for (int32_t i2 = 0; i2 < p->extent2; i2++) {
                for (int32_t i3 = 0; i3 < p->extent3; i3++) {
                    const uint8_t *a_row =
                        a + i0 * p->a_stride0 + i1 * p->a_stride1 + i2 * p->a_stride2 + i3 * p->a_stride3;
                    const uint8_t *b_row =
                        b + i0 * p->b_stride0 + i1 * p->b_stride1 + i2 * p->b_stride2 + i3 * p->b_stride3;
                    for (int32_t i4 = 0; i4 < p->extent4; i4++) {
                        *y++ = bc_compare_bool_c_one(p, a_row[i4 * p->a_stride4], b_row[i4 * p->b_stride4]);
                    }
                }
            }
        }
    }
}

#endif
