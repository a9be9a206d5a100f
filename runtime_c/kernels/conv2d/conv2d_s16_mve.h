/* SPDX-License-Identifier: 0BSD */
/*
 * conv2d for Helium, int16, all 8-bit weights, sums and factors that conv2d_s16_narrow_mve cannot take:
 * bc_conv2d_mve.h says how, and what w, channels and scratch are. Mode LONG_S16.
 *
 * Call: bc_conv2d_s16_mve(p, x, w, channels, y, scratch).
 */
#ifndef BC_CONV2D_S16_MVE_H
#define BC_CONV2D_S16_MVE_H

#include "barecast/bc_conv2d_mve.h"

static BC_KERNEL void bc_conv2d_s16_mve(
    const bc_conv2d_params *p, const int16_t *x, const int8_t *w, const int32_t *channels, int16_t *y, void *scratch)
{
    bc_conv2d_mve(p, (const int8_t *)x, w, channels, (int8_t *)y, (int8_t *)scratch, 2, BC_MVE_LONG_S16);
}

#endif
