/* SPDX-License-Identifier: 0BSD */
#ifndef BC_GATHER_ND_F32_C_H
#define BC_GATHER_ND_F32_C_H

#include "barecast/bc_bytes.h"
#include "barecast/gather_nd.h"

static BC_KERNEL void bc_gather_nd_f32_c(
    const bc_gather_nd_params *p, const float *x, const int32_t *indices, float *y)
{
    const float *in = x;
    float *out = y;
    for (int32_t i = 0; i < p->count; i++) {
        BC_COPY(out, in + bc_gather_nd_slice(p, indices) * p->run, (size_t)p->run * sizeof *out);
        out += p->run;
        indices += p->depth;
    }
}

#endif
