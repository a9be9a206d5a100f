/* SPDX-License-Identifier: 0BSD */
#ifndef BC_COMPARE_S64_C_H
#define BC_COMPARE_S64_C_H

#include "barecast/compare.h"

static BC_KERNEL void bc_compare_s64_c(const bc_compare_params *p, const int64_t *a, const int64_t *b, uint8_t *y)
{
    for (int32_t i0 = 0; i0 < p->extent0; i0++) {
        for (int32_t i1 = 0; i1 < p->extent1; i1++) {
            for (int32_t i2 = 0; i2 < p->extent2; i2++) {
                for (int32_t i3 = 0; i3 < p->extent3; i3++) {
                    const int64_t *a_row =
                        a + i0 * p->a_stride0 + i1 * p->a_stride1 + i2 * p->a_stride2 + i3 * p->a_stride3;
                    const int64_t *b_row =
                        b + i0 * p->b_stride0 + i1 * p->b_stride1 + i2 * p->b_stride2 + i3 * p->b_stride3;
                    for (int32_t i4 = 0; i4 < p->extent4; i4++) {
                        *y++ = BC_COMPARE(p->kind, a_row[i4 * p->a_stride4], b_row[i4 * p->b_stride4]);
                    }
                }
            }
        }
    }
}

#endif
