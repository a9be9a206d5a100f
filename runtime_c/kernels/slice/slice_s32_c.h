/* SPDX-License-Identifier: 0BSD */
#ifndef BC_SLICE_S32_C_H
#define BC_SLICE_S32_C_H

#include "barecast/slice.h"

static BC_KERNEL void bc_slice_s32_c(const bc_slice_params *p, const int32_t *x, int32_t *y)
{
    const int32_t *in = x;
    int32_t *out = y;
    for (int32_t i0 = 0; i0 < p->extent0; i0++) {
        for (int32_t i1 = 0; i1 < p->extent1; i1++) {
            for (int32_t i2 = 0; i2 < p->extent2; i2++) {
                for (int32_t i3 = 0; i3 < p->extent3; i3++) {
                    for (int32_t i4 = 0; i4 < p->extent4; i4++) {
                        const int32_t *row = in + bc_slice_row(p, i0, i1, i2, i3, i4);
                        for (int32_t i5 = 0; i5 < p->extent5; i5++) {
                            *out++ = row[i5 * p->stride5];
                        }
                    }
                }
            }
        }
    }
}

#endif
