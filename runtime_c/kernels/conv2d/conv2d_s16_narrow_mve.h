/* SPDX-License-Identifier: 0BSD */
/*
 * conv2d for Helium, int16 with 8-bit weights, accumulators of 32 bits, bias included, and factors below 1/4:
 * bc_conv2d_mve.h says how, and what w, channels and scratch are.
 *
 * Call: bc_conv2d_s16_narrow_mve(p, x, w, channels, y, scratch).
 */
#ifndef BC_CONV2D_S16_NARROW_MVE_H
#define BC_CONV2D_S16_NARROW_MVE_H

#include "barecast/bc_conv2d_mve.h"

static BC_KERNEL void bc_conv2d_s16_narrow_mve(
    const bc_conv2d_params *p, const int16_t *x, const int8_t *w, const int32_t *channels, int16_t *y, void *scratch)
{
    bc_conv2d_mve(p, (const int8_t *)x, w, channels, (int8_t *)y, (int8_t *)scratch, 2, bc_mve_mode_s16(p->ties));
}

#endif
