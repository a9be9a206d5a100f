/* SPDX-License-Identifier: 0BSD */
/*
 * dwconv2d on the FPU of Cortex-M, float32: a product and its addition rounded once.
 * Windows of 3 x 3, stride 1, no dilation, one output a channel, an even number of channels.
 * Call: bc_dwconv2d_f32_fma(p, x, w, y, scratch), w as in bc_dwconv2d_fpu.h, bias included; scratch holds lines of two
 * channels, plane_scratch of sdk/barecast/layouts/fpu.py. y may lie over x where its pixels lie over pixels of x.
 */
#ifndef BC_DWCONV2D_F32_FMA_H
#define BC_DWCONV2D_F32_FMA_H

#include "barecast/bc_dwconv2d_fpu.h"

static BC_KERNEL void bc_dwconv2d_f32_fma(
    const bc_dwconv2d_params *p, const float *x, const float *w, float *y, void *scratch)
{
    bc_dwconv2d_fpu(p, x, w, y, (float *)scratch, bc_plane_fpu_fused);
}

#endif
