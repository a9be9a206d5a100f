/* SPDX-License-Identifier: 0BSD */
/*
 * conv2d for the DSP extension, int8, 3x3 with strides and dilations of 1: 16 multiplications for 36, exactly
 * (bc_winograd_dsp.h). w: sdk/barecast/layouts/winograd.py, 3.6 times the bytes of int8 weights; no groups; scratch as
 * bc_winograd_dsp.h says.
 */
#ifndef BC_CONV2D_S8_K3X3_WIDE_DSP_H
#define BC_CONV2D_S8_K3X3_WIDE_DSP_H

#include "barecast/bc_winograd_dsp.h"

static BC_KERNEL void bc_conv2d_s8_k3x3_wide_dsp(
    const bc_conv2d_params *p, const int8_t *x, const int32_t *w, int8_t *y, void *scratch)
{
    bc_winograd_dsp(p, x, w, y, (int32_t *)scratch);
}

#endif
