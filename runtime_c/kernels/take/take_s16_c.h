/* SPDX-License-Identifier: 0BSD */
#ifndef BC_TAKE_S16_C_H
#define BC_TAKE_S16_C_H

#include "barecast/bc_bytes.h"
#include "barecast/take.h"

static BC_KERNEL void bc_take_s16_c(const bc_take_params *p, const void *x, const int32_t *places, void *y)
{
    const uint16_t *in = (const uint16_t *)x;
    uint16_t *out = (uint16_t *)y;
    const int32_t *t1 = places + p->extent0, *t2 = t1 + p->extent1, *t3 = t2 + p->extent2;
    for (int32_t i0 = 0; i0 < p->extent0; i0++) {
        for (int32_t i1 = 0; i1 < p->extent1; i1++) {
            for (int32_t i2 = 0; i2 < p->extent2; i2++) {
                const uint16_t *row = in + places[i0] + t1[i1] + t2[i2];
                for (int32_t i3 = 0; i3 < p->extent3; i3++) {
                    if (p->run == 1) {
                        *out = row[t3[i3]];
                    } else {
                        BC_COPY(out, row + t3[i3], (size_t)p->run * sizeof *out);
                    }
                    out += p->run;
                }
            }
        }
    }
}

#endif
