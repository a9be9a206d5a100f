/* SPDX-License-Identifier: 0BSD */
/*
 * dwconv2d for the DSP extension, int16 with 8-bit weights, windows of any size, accumulators of 32
 * bits and factors below 1/4: bc_dwconv2d_dsp.h says how, and what w and scratch are.
 */
#ifndef BC_DWCONV2D_S16_DSP_H
#define BC_DWCONV2D_S16_DSP_H

#include "barecast/bc_dwconv2d_dsp.h"

static BC_KERNEL void bc_dwconv2d_s16_dsp(
    const bc_dwconv2d_params *p, const int16_t *x, const int32_t *w, int16_t *y, void *scratch)
{
    bc_dwconv2d_dsp(p, (const int8_t *)x, w, (int8_t *)y, (int32_t *)scratch, 2);
}

#endif
