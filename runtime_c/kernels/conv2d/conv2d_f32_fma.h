/* SPDX-License-Identifier: 0BSD */
/*
 * conv2d on the FPU of Cortex-M, float32, groups == 1: a product and its addition rounded once.
 * Call: bc_conv2d_f32_fma(p, x, w, y, scratch), w in the tiles of bc_tile_fpu.h, depth = k_h * k_w * in_c;
 * scratch holds four windows if there is padding, or dilation_w > 1 with k_w > 1.
 */
#ifndef BC_CONV2D_F32_FMA_H
#define BC_CONV2D_F32_FMA_H

#include "barecast/bc_conv2d_fpu.h"

static BC_KERNEL void bc_conv2d_f32_fma(
    const bc_conv2d_params *p, const float *x, const float *w, float *y, void *scratch)
{
    bc_conv2d_fpu(p, x, w, y, (float *)scratch, bc_tile_fpu_4x4_fused, bc_tile_fpu_1x8_fused);
}

#endif
