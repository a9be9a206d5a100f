/* SPDX-License-Identifier: 0BSD */
#ifndef BC_TRANSPOSE_S64_C_H
#define BC_TRANSPOSE_S64_C_H

#include "barecast/bc_bytes.h"
#include "barecast/transpose.h"

/* extent5 elements, `stride5` apart in x. */
static BC_INLINE void bc_transpose_s64_c_row(const bc_transpose_params *p, const int64_t *x, int64_t *y)
{
    if (p->stride5 == 1) {
        BC_COPY(y, x, (size_t)p->extent5 * sizeof *y);
        return;
    }
    for (int32_t i = 0; i < p->extent5; i++) {
        y[i] = x[i * p->stride5];
    }
}

static BC_KERNEL void bc_transpose_s64_c(const bc_transpose_params *p, const int64_t *x, int64_t *y)
{
    const int64_t *in = x;
    int64_t *out = y;
    for (int32_t i0 = 0; i0 < p->extent0; i0++) {
        for (int32_t i1 = 0; i1 < p->extent1; i1++) {
            for (int32_t i2 = 0; i2 < p->extent2; i2++) {
                for (int32_t i3 = 0; i3 < p->extent3; i3++) {
                    const int64_t *plane = in + i0 * p->stride0 + i1 * p->stride1 + i2 * p->stride2 + i3 * p->stride3;
                    for (int32_t i4 = 0; i4 < p->extent4; i4++) {
                        bc_transpose_s64_c_row(p, plane + i4 * p->stride4, out);
                        out += p->extent5;
                    }
                }
            }
        }
    }
}

#endif
