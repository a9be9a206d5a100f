/* SPDX-License-Identifier: 0BSD */
/*
 * dense for Helium, int8: bc_dense_mve.h says how, and what w, channels and scratch are.
 *
 * Call: bc_dense_s8_mve(p, x, w, channels, y, scratch).
 */
#ifndef BC_DENSE_S8_MVE_H
#define BC_DENSE_S8_MVE_H

#include "barecast/bc_dense_mve.h"

static BC_KERNEL void bc_dense_s8_mve(
    const bc_dense_params *p, const int8_t *x, const int8_t *w, const int32_t *channels, int8_t *y, void *scratch)
{
    bc_dense_mve(p, x, w, channels, y, (int8_t *)scratch, 1, bc_mve_mode(p->shift, p->ties));
}

#endif
