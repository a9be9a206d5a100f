/* SPDX-License-Identifier: 0BSD */
/*
 * dwconv2d for the DSP extension, int8, windows of any size: bc_dwconv2d_dsp.h says how, and what w and
 * scratch are.
 */
#ifndef BC_DWCONV2D_S8_DSP_H
#define BC_DWCONV2D_S8_DSP_H

#include "barecast/bc_dwconv2d_dsp.h"

static BC_KERNEL void bc_dwconv2d_s8_dsp(
    const bc_dwconv2d_params *p, const int8_t *x, const int32_t *w, int8_t *y, void *scratch)
{
    bc_dwconv2d_dsp(p, x, w, y, (int32_t *)scratch, 1);
}

#endif
