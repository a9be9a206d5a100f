/* SPDX-License-Identifier: 0BSD */
/*
 * conv2d for the DSP extension, int8: all weights, accumulators and roundings that conv2d_s8_paired_dsp cannot take.
 * w: tiles of sdk/barecast/layouts/dsp.py; scratch as bc_conv2d_dsp.h says.
 */
#ifndef BC_CONV2D_S8_DSP_H
#define BC_CONV2D_S8_DSP_H

#include "barecast/bc_conv2d_dsp.h"

static BC_KERNEL void bc_conv2d_s8_dsp(
    const bc_conv2d_params *p, const int8_t *x, const int32_t *w, int8_t *y, void *scratch)
{
    bc_conv2d_dsp(p, x, w, y, (int32_t *)scratch, BC_DSP_S8_ANY);
}

#endif
