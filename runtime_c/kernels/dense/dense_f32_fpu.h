/* SPDX-License-Identifier: 0BSD */
/*
 * dense on the FPU of Cortex-M, float32: rounded after the product and after the sum, in plain C's order.
 * Call: bc_dense_f32_fpu(p, x, w, y), w in the tiles of bc_tile_fpu.h, bias included, depth = in_c.
 */
#ifndef BC_DENSE_F32_FPU_H
#define BC_DENSE_F32_FPU_H

#include "barecast/bc_f32_fpu.h"
#include "barecast/dense.h"

static BC_KERNEL void bc_dense_f32_fpu(const bc_dense_params *p, const float *x, const float *w, float *y)
{
    const bc_fpu_layer layer = {w, p->in_c, p->out_c, bc_tile_fpu_4x4, bc_tile_fpu_1x8,
                                bc_fpu_bounds_of(p->y_min_f, p->y_max_f)};
    bc_fpu_matrix(&layer, x, p->rows, y);
}

#endif
