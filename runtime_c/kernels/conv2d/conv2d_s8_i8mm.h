/* SPDX-License-Identifier: 0BSD */
/*
 * conv2d for AArch64 with products of int8 matrices: bc_conv2d_neon.h says how, bc_tile_i8mm.h and bc_neon.h what w and
 * channels are.
 *
 * Call: bc_conv2d_s8_i8mm(p, x, w, channels, y, scratch).
 * scratch: eight windows in whole eights, then what bc_conv2d_neon wants.
 */
#ifndef BC_CONV2D_S8_I8MM_H
#define BC_CONV2D_S8_I8MM_H

#include "barecast/bc_conv2d_neon.h"
#include "barecast/bc_tile_i8mm.h"

static BC_KERNEL void bc_conv2d_s8_i8mm(
    const bc_conv2d_params *p, const int8_t *x, const int8_t *w, const int32_t *channels, int8_t *y, void *scratch)
{
    const int32_t window = bc_conv2d_neon_by_rows(p) ? p->k_h * bc_i8mm_whole(p->k_w * p->in_c)
                                                     : bc_i8mm_whole(bc_conv2d_neon_gathered(p));
    int8_t *const own = (int8_t *)scratch;
    bc_conv2d_neon(p, x, w, channels, y, own + BC_NEON_PIXELS * window, own, window, bc_i8mm_pixels,
                   bc_neon_mode(p->shift, p->ties));
}

#endif
