/* SPDX-License-Identifier: 0BSD */
#ifndef BC_GATHER_ND_S8_C_H
#define BC_GATHER_ND_S8_C_H

#include "barecast/bc_bytes.h"
#include "barecast/gather_nd.h"

static BC_KERNEL void bc_gather_nd_s8_c(
    const bc_gather_nd_params *p, const void *x, const int32_t *indices, void *y)
{
    const uint8_t *in = (const uint8_t *)x;
    uint8_t *out = (uint8_t *)y;
    for (int32_t i = 0; i < p->count; i++) {
        BC_COPY(out, in + bc_gather_nd_slice(p, indices) * p->run, (size_t)p->run * sizeof *out);
        out += p->run;
        indices += p->depth;
    }
}

#endif
