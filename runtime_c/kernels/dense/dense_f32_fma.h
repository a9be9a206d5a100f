/* SPDX-License-Identifier: 0BSD */
/*
 * dense on the FPU of Cortex-M, float32: a product and its addition rounded once.
 * Call: bc_dense_f32_fma(p, x, w, y), w in the tiles of bc_tile_fpu.h, bias included, depth = in_c.
 */
#ifndef BC_DENSE_F32_FMA_H
#define BC_DENSE_F32_FMA_H

#include "barecast/bc_f32_fpu.h"
#include "barecast/dense.h"

static BC_KERNEL void bc_dense_f32_fma(const bc_dense_params *p, const float *x, const float *w, float *y)
{
    const bc_fpu_layer layer = {w, p->in_c, p->out_c, bc_tile_fpu_4x4_fused, bc_tile_fpu_1x8_fused,
                                bc_fpu_bounds_of(p->y_min_f, p->y_max_f)};
    bc_fpu_matrix(&layer, x, p->rows, y);
}

#endif
