/* SPDX-License-Identifier: 0BSD */
/*
 * conv2d for the DSP extension, int16 with 8-bit weights: accumulators of 32 bits, bias included, and factors below
 * 1/4. w: tiles of sdk/barecast/layouts/dsp16.py, `narrow`; scratch as bc_conv2d_dsp.h says.
 */
#ifndef BC_CONV2D_S16_NARROW_DSP_H
#define BC_CONV2D_S16_NARROW_DSP_H

#include "barecast/bc_conv2d_dsp.h"

static BC_KERNEL void bc_conv2d_s16_narrow_dsp(
    const bc_conv2d_params *p, const int16_t *x, const int32_t *w, int16_t *y, void *scratch)
{
    bc_conv2d_dsp(p, (const int8_t *)x, w, (int8_t *)y, (int32_t *)scratch, BC_DSP_S16);
}

#endif
