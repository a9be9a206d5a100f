/* SPDX-License-Identifier: 0BSD */
#ifndef BC_SELECT_S32_C_H
#define BC_SELECT_S32_C_H

#include "barecast/select.h"

static BC_KERNEL void bc_select_s32_c(
    const bc_select_params *p, const uint8_t *c, const int32_t *a, const int32_t *b, int32_t *y)
{
    const int32_t *first = a, *second = b;
    int32_t *out = y;
    for (int32_t i0 = 0; i0 < p->extent0; i0++) {
        for (int32_t i1 = 0; i1 < p->extent1; i1++) {
            for (int32_t i2 = 0; i2 < p->extent2; i2++) {
                for (int32_t i3 = 0; i3 < p->extent3; i3++) {
                    const uint8_t *c_row =
                        c + i0 * p->c_stride0 + i1 * p->c_stride1 + i2 * p->c_stride2 + i3 * p->c_stride3;
                    const int32_t *a_row =
                        first + i0 * p->a_stride0 + i1 * p->a_stride1 + i2 * p->a_stride2 + i3 * p->a_stride3;
                    const int32_t *b_row =
                        second + i0 * p->b_stride0 + i1 * p->b_stride1 + i2 * p->b_stride2 + i3 * p->b_stride3;
                    for (int32_t i4 = 0; i4 < p->extent4; i4++) {
                        *out++ = c_row[i4 * p->c_stride4] ? a_row[i4 * p->a_stride4] : b_row[i4 * p->b_stride4];
                    }
                }
            }
        }
    }
}

#endif
