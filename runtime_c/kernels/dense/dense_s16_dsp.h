/* SPDX-License-Identifier: 0BSD */
/*
 * dense for the DSP extension, int16 with 8-bit weights: all 8-bit weights, sums and factors that dense_s16_narrow_dsp
 * cannot take. w: tiles of sdk/barecast/layouts/dsp16.py, `long`.
 */
#ifndef BC_DENSE_S16_DSP_H
#define BC_DENSE_S16_DSP_H

#include "barecast/bc_dense_dsp.h"

static BC_KERNEL void bc_dense_s16_dsp(
    const bc_dense_params *p, const int16_t *x, const int32_t *w, int16_t *y)
{
    bc_dense_dsp(p, (const int8_t *)x, w, (int8_t *)y, (int32_t *)0, BC_DSP_S16_ANY);
}

#endif
