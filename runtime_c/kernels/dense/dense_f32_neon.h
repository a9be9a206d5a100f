/* SPDX-License-Identifier: 0BSD */
/*
 * dense with NEON, float32: rows by all channels.
 * Call: bc_dense_f32_neon(p, x, w, bias, y), w in the tiles of bc_tile_f32_neon.h, depth = in_c, bias in whole fours.
 */
#ifndef BC_DENSE_F32_NEON_H
#define BC_DENSE_F32_NEON_H

#include "barecast/bc_f32_neon.h"
#include "barecast/dense.h"

static BC_KERNEL void bc_dense_f32_neon(
    const bc_dense_params *p, const float *x, const float *w, const float *bias, float *y)
{
    const bc_f32_neon_layer layer = bc_f32_neon_layer_of(w, bias, 1, p->in_c, 0, p->out_c, p->y_min_f, p->y_max_f);
    bc_f32_neon_rows(&layer, x, p->rows, y);
}

#endif
