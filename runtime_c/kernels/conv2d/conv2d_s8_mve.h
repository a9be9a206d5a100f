/* SPDX-License-Identifier: 0BSD */
/*
 * conv2d for Helium, int8: bc_conv2d_mve.h says how, and what w, channels and scratch are.
 *
 * Call: bc_conv2d_s8_mve(p, x, w, channels, y, scratch).
 */
#ifndef BC_CONV2D_S8_MVE_H
#define BC_CONV2D_S8_MVE_H

#include "barecast/bc_conv2d_mve.h"

static BC_KERNEL void bc_conv2d_s8_mve(
    const bc_conv2d_params *p, const int8_t *x, const int8_t *w, const int32_t *channels, int8_t *y, void *scratch)
{
    bc_conv2d_mve(p, x, w, channels, y, (int8_t *)scratch, 1, bc_mve_mode(p->shift, p->ties));
}

#endif
