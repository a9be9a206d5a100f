/* SPDX-License-Identifier: 0BSD */
/*
 * Fully connected layers with Helium: one row of x by eight channels, or two rows by four, at a time.
 *
 * w and channels as in bc_mve.h, depth = in_c; a chunk is 16 bytes of x. scratch: two rows in whole chunks, none if
 * rows are. Numbers have one or two bytes.
 */
#ifndef BC_DENSE_MVE_H
#define BC_DENSE_MVE_H

#include "barecast/bc_bytes_mve.h"
#include "barecast/bc_mve.h"
#include "barecast/dense.h"

/* x and y as bytes; bytes: of a number; mode: bc_mve.h. */
static BC_INLINE void bc_dense_mve(
    const bc_dense_params *p, const int8_t *x, const int8_t *w, const int32_t *channels, int8_t *y, int8_t *first,
    int32_t bytes, int32_t mode)
{
    const int32_t x_step = p->in_c * bytes, y_step = p->out_c * bytes;
    const int32_t chunks = (x_step + 15) / 16, copied = x_step % 16 != 0;
    const bc_mve_layer l = {w,         channels, chunks - 1, p->out_c, 32 - p->shift,
                            p->y_zero, p->y_min, p->y_max,   p->shift, p->ties};
    int32_t m = 0;
    for (; m < p->rows - 1; m += 2) {
        if (copied) {
            bc_mve_copy(first, x, x_step);
            bc_mve_copy(first + 16 * chunks, x + x_step, x_step);
        }
        bc_mve_two(&l, mode, copied ? first : x, copied ? first + 16 * chunks : x + x_step, y, y + y_step);
        x += 2 * x_step;
        y += 2 * y_step;
    }
    if (m < p->rows) {
        if (copied) {
            bc_mve_copy(first, x, x_step);
        }
        bc_mve_one(&l, mode, copied ? first : x, y);
    }
}

#endif
