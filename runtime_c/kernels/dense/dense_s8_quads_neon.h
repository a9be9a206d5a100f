/* SPDX-License-Identifier: 0BSD */
/*
 * dense for AArch64 without dot products, int8, one row at a time, with small weights: bc_dense_neon.h says how,
 * bc_tile_s8_quads_neon.h and bc_neon.h what w and channels are.
 *
 * Call: bc_dense_s8_quads_neon(p, x, w, channels, y, scratch).
 */
#ifndef BC_DENSE_S8_QUADS_NEON_H
#define BC_DENSE_S8_QUADS_NEON_H

#include "barecast/bc_dense_neon.h"
#include "barecast/bc_tile_s8_quads_neon.h"

static BC_KERNEL void bc_dense_s8_quads_neon(
    const bc_dense_params *p, const int8_t *x, const int8_t *w, const int32_t *channels, int8_t *y, void *scratch)
{
    bc_dense_neon(p, x, w, channels, y, (int8_t *)scratch, NULL, bc_quads_pixels, bc_neon_mode(p->shift, p->ties));
}

#endif
