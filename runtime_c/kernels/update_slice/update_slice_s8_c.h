/* SPDX-License-Identifier: 0BSD */
#ifndef BC_UPDATE_SLICE_S8_C_H
#define BC_UPDATE_SLICE_S8_C_H

#include "barecast/bc_bytes.h"
#include "barecast/update_slice.h"

static BC_KERNEL void bc_update_slice_s8_c(
    const bc_update_slice_params *p, const void *x, const void *update, const void *start, void *y)
{
    const int32_t s0 = bc_update_slice_start(p, start, 0, p->extent0 - p->size0);
    const int32_t s1 = bc_update_slice_start(p, start, 1, p->extent1 - p->size1);
    const int32_t s2 = bc_update_slice_start(p, start, 2, p->extent2 - p->size2);
    const int32_t s3 = bc_update_slice_start(p, start, 3, p->extent3 - p->size3);
    const int32_t s4 = bc_update_slice_start(p, start, 4, p->extent4 - p->size4);
    const int32_t s5 = bc_update_slice_start(p, start, 5, p->extent5 - p->size5);
    const int32_t whole = p->extent0 * p->extent1 * p->extent2 * p->extent3 * p->extent4 * p->extent5 * p->run;
    const uint8_t *in = (const uint8_t *)update;
    uint8_t *out = (uint8_t *)y;
    if (x != (const void *)y) {
        BC_COPY(out, x, (size_t)whole);
    }
    for (int32_t i0 = s0; i0 < s0 + p->size0; i0++) {
        for (int32_t i1 = s1; i1 < s1 + p->size1; i1++) {
            for (int32_t i2 = s2; i2 < s2 + p->size2; i2++) {
                for (int32_t i3 = s3; i3 < s3 + p->size3; i3++) {
                    const int32_t plane = ((i0 * p->extent1 + i1) * p->extent2 + i2) * p->extent3 + i3;
                    for (int32_t i4 = s4; i4 < s4 + p->size4; i4++) {
                        const int32_t first = (plane * p->extent4 + i4) * p->extent5 + s5;
                        BC_COPY(out + first * p->run, in, (size_t)(p->size5 * p->run));
                        in += p->size5 * p->run;
                    }
                }
            }
        }
    }
}

#endif
