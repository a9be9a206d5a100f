/* SPDX-License-Identifier: 0BSD */
/*
 * dense for Helium, int8: one row of x by eight channels, or two rows by four, at a time.
 *
 * Call: bc_dense_s8_mve(p, x, w, channels, y, scratch). w [quads][chunks][4][16] int8_t, channels as in bc_mve.h, depth
 * = in_c; scratch of 2 * 16 * chunks bytes, none if in_c is a multiple of 16.
 */
#ifndef BC_DENSE_S8_MVE_H
#define BC_DENSE_S8_MVE_H

#include "barecast/bc_bytes_mve.h"
#include "barecast/bc_mve.h"
#include "barecast/dense.h"

static BC_KERNEL void bc_dense_s8_mve(
    const bc_dense_params *p, const int8_t *x, const int8_t *w, const int32_t *channels, int8_t *y, void *scratch)
{
    const int32_t mode = bc_mve_mode(p->shift, p->ties);
    const int32_t chunks = (p->in_c + 15) / 16, copied = p->in_c % 16 != 0;
    const bc_mve_layer l = {w,         channels, chunks - 1, p->out_c, 32 - p->shift,
                            p->y_zero, p->y_min, p->y_max,   p->shift, p->ties};
    int8_t *const first = (int8_t *)scratch;
    int32_t m = 0;
    for (; m < p->rows - 1; m += 2) {
        if (copied) {
            bc_mve_copy(first, x, p->in_c);
            bc_mve_copy(first + 16 * chunks, x + p->in_c, p->in_c);
        }
        bc_mve_two(&l, mode, copied ? first : x, copied ? first + 16 * chunks : x + p->in_c, y, y + p->out_c);
        x += 2 * p->in_c;
        y += 2 * p->out_c;
    }
    if (m < p->rows) {
        if (copied) {
            bc_mve_copy(first, x, p->in_c);
        }
        bc_mve_one(&l, mode, copied ? first : x, y);
    }
}

#endif
