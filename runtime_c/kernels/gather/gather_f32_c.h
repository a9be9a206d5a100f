/* SPDX-License-Identifier: 0BSD */
#ifndef BC_GATHER_F32_C_H
#define BC_GATHER_F32_C_H

#include "barecast/bc_bytes.h"
#include "barecast/bc_math.h"
#include "barecast/gather.h"

static BC_KERNEL void bc_gather_f32_c(const bc_gather_params *p, const float *x, const int32_t *indices, float *y)
{
    const float *in = x;
    float *out = y;
    for (int32_t b = 0; b < p->batch; b++) {
        for (int32_t o = 0; o < p->outer; o++) {
            for (int32_t i = 0; i < p->count; i++) {
                const float *slice = in + bc_clamp_s32(indices[i], 0, p->extent - 1) * p->run;
                BC_COPY(out, slice, (size_t)p->run * sizeof *out);
                out += p->run;
            }
            in += p->extent * p->run;
        }
        indices += p->count;
    }
}

#endif
