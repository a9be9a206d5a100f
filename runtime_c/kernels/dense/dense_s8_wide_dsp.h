/* SPDX-License-Identifier: 0BSD */
/*
 * dense for the DSP extension, int8: dense_s8_paired_dsp with x widened to 16 bits in scratch memory, once for all
 * outputs. w: tiles of sdk/barecast/layouts/dsp.py, `two_in_one`, for in_c filled up to a multiple of 8;
 * scratch: 2 bytes for each of these.
 */
#ifndef BC_DENSE_S8_WIDE_DSP_H
#define BC_DENSE_S8_WIDE_DSP_H

#include "barecast/bc_dense_dsp.h"

static BC_KERNEL void bc_dense_s8_wide_dsp(
    const bc_dense_params *p, const int8_t *x, const int32_t *w, int8_t *y, void *scratch)
{
    bc_dense_dsp(p, x, w, y, (int32_t *)scratch, BC_DSP_S8_PAIRED);
}

#endif
