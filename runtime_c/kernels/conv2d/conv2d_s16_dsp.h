/* SPDX-License-Identifier: 0BSD */
/*
 * conv2d for the DSP extension, int16 with 8-bit weights: all 8-bit weights, sums and factors that
 * conv2d_s16_narrow_dsp cannot take. w: tiles of sdk/barecast/layouts/dsp16.py, `long`; scratch as
 * bc_conv2d_dsp.h says.
 */
#ifndef BC_CONV2D_S16_DSP_H
#define BC_CONV2D_S16_DSP_H

#include "barecast/bc_conv2d_dsp.h"

static BC_KERNEL void bc_conv2d_s16_dsp(
    const bc_conv2d_params *p, const int16_t *x, const int32_t *w, int16_t *y, void *scratch)
{
    bc_conv2d_dsp(p, (const int8_t *)x, w, (int8_t *)y, (int32_t *)scratch, BC_DSP_S16_ANY);
}

#endif
