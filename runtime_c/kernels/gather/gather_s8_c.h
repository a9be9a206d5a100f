/* SPDX-License-Identifier: 0BSD */
#ifndef BC_GATHER_S8_C_H
#define BC_GATHER_S8_C_H

#include "barecast/bc_bytes.h"
#include "barecast/bc_math.h"
#include "barecast/gather.h"

static BC_KERNEL void bc_gather_s8_c(const bc_gather_params *p, const void *x, const int32_t *indices, void *y)
{
    const uint8_t *in = (const uint8_t *)x;
    uint8_t *out = (uint8_t *)y;
    for (int32_t b = 0; b < p->batch; b++) {
        for (int32_t o = 0; o < p->outer; o++) {
            for (int32_t i = 0; i < p->count; i++) {
                const uint8_t *slice = in + bc_clamp_s32(indices[i], 0, p->extent - 1) * p->run;
                BC_COPY(out, slice, (size_t)p->run * sizeof *out);
                out += p->run;
            }
            in += p->extent * p->run;
        }
        indices += p->count;
    }
}

#endif
