/* SPDX-License-Identifier: 0BSD */
/*
 * dense for AArch64 with products of int8 matrices: bc_dense_neon.h says how, bc_tile_i8mm.h and bc_neon.h what w and
 * channels are.
 *
 * Call: bc_dense_s8_i8mm(p, x, w, channels, y, scratch).
 * scratch: eight rows of x in whole eights, then what bc_dense_neon wants.
 */
#ifndef BC_DENSE_S8_I8MM_H
#define BC_DENSE_S8_I8MM_H

#include "barecast/bc_dense_neon.h"
#include "barecast/bc_tile_i8mm.h"

static BC_KERNEL void bc_dense_s8_i8mm(
    const bc_dense_params *p, const int8_t *x, const int8_t *w, const int32_t *channels, int8_t *y, void *scratch)
{
    const int32_t window = bc_i8mm_whole(p->in_c);
    int8_t *const own = (int8_t *)scratch;
    bc_dense_neon(
        p, x, w, channels, y, own + BC_NEON_PIXELS * window, own, bc_i8mm_pixels, bc_neon_mode(p->shift, p->ties));
}

#endif
