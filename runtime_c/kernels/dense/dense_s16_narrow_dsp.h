/* SPDX-License-Identifier: 0BSD */
/*
 * dense for the DSP extension, int16 with 8-bit weights: accumulators of 32 bits, bias included, and factors below
 * 1/4. w: tiles of sdk/barecast/layouts/dsp16.py, `narrow`.
 */
#ifndef BC_DENSE_S16_NARROW_DSP_H
#define BC_DENSE_S16_NARROW_DSP_H

#include "barecast/bc_dense_dsp.h"

static BC_KERNEL void bc_dense_s16_narrow_dsp(
    const bc_dense_params *p, const int16_t *x, const int32_t *w, int16_t *y)
{
    bc_dense_dsp(p, (const int8_t *)x, w, (int8_t *)y, (int32_t *)0, BC_DSP_S16);
}

#endif
