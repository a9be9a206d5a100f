/* SPDX-License-Identifier: 0BSD */
/*
 * dense for Helium, float32: one row of x by 16, 8 or 4 channels at a time.
 * Call: bc_dense_f32_mve(p, x, w, bias, y), w in tiles as in bc_f32_mve.h, depth = in_c.
 */
#ifndef BC_DENSE_F32_MVE_H
#define BC_DENSE_F32_MVE_H

#include "barecast/bc_f32_mve.h"
#include "barecast/dense.h"

static BC_INLINE void bc_dense_f32_mve_tile(
    const bc_dense_params *p, const float *x, const float *w, const float *bias, float *y, int32_t o, int32_t quads)
{
    float32x4_t acc[4];
    bc_mve_f32_begin(acc, bias + o, quads, p->out_c - o);
    bc_mve_fma(acc, x, w + o * p->in_c, quads, p->in_c);
    bc_mve_f32_end(y + o, acc, quads, p->out_c - o, p->y_min_f, p->y_max_f);
}

static BC_KERNEL void bc_dense_f32_mve(
    const bc_dense_params *p, const float *x, const float *w, const float *bias, float *y)
{
    for (int32_t m = 0; m < p->rows; ++m) {
        int32_t o = 0;
        for (; bc_mve_f32_quads(o, p->out_c) == 4; o += 16) {
            bc_dense_f32_mve_tile(p, x, w, bias, y, o, 4);
        }
        if (o < p->out_c && bc_mve_f32_quads(o, p->out_c) == 2) {
            bc_dense_f32_mve_tile(p, x, w, bias, y, o, 2);
            o += 8;
        }
        if (o < p->out_c) {
            bc_dense_f32_mve_tile(p, x, w, bias, y, o, 1);
        }
        x += p->in_c;
        y += p->out_c;
    }
}

#endif
