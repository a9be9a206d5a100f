/* SPDX-License-Identifier: 0BSD */
#ifndef BC_GATHER_S32_C_H
#define BC_GATHER_S32_C_H

#include "barecast/bc_bytes.h"
#include "barecast/bc_math.h"
#include "barecast/gather.h"

static BC_KERNEL void bc_gather_s32_c(const bc_gather_params *p, const int32_t *x, const int32_t *indices, int32_t *y)
{
    const int32_t *in = x;
    int32_t *out = y;
    for (int32_t b = 0; b < p->batch; b++) {
        for (int32_t o = 0; o < p->outer; o++) {
            for (int32_t i = 0; i < p->count; i++) {
                const int32_t *slice = in + bc_clamp_s32(indices[i], 0, p->extent - 1) * p->run;
                BC_COPY(out, slice, (size_t)p->run * sizeof *out);
                out += p->run;
            }
            in += p->extent * p->run;
        }
        indices += p->count;
    }
}

#endif
