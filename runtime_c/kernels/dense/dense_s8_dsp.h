/* SPDX-License-Identifier: 0BSD */
/*
 * dense for the DSP extension, int8: all weights, sums and roundings that dense_s8_paired_dsp cannot take. w: tiles of
 * sdk/barecast/layouts/dsp.py.
 */
#ifndef BC_DENSE_S8_DSP_H
#define BC_DENSE_S8_DSP_H

#include "barecast/bc_dense_dsp.h"

static BC_KERNEL void bc_dense_s8_dsp(const bc_dense_params *p, const int8_t *x, const int32_t *w, int8_t *y)
{
    bc_dense_dsp(p, x, w, y, (int32_t *)0, BC_DSP_S8_ANY);
}

#endif
