/* SPDX-License-Identifier: 0BSD */
/*
 * dense for AArch64 with dot products, int8: bc_tile_dotprod.h and bc_neon.h say what w and channels are.
 * scratch: eight rows of x in whole words, none if in_c is a multiple of 4.
 *
 * Call: bc_dense_s8_dotprod(p, x, w, channels, y, scratch).
 */
#ifndef BC_DENSE_S8_DOTPROD_H
#define BC_DENSE_S8_DOTPROD_H

#include "barecast/bc_bytes_neon.h"
#include "barecast/bc_tile_dotprod.h"
#include "barecast/dense.h"

static BC_KERNEL void bc_dense_s8_dotprod(
    const bc_dense_params *p, const int8_t *x, const int8_t *w, const int32_t *channels, int8_t *y, void *scratch)
{
    const int32_t size = (p->in_c + 3) / 4 * 4;
    const bc_neon_layer l = bc_neon_layer_of(
        w, channels, 1, size, 0, p->out_c, p->y_zero, p->y_min, p->y_max, p->shift, p->ties);
    for (int32_t m = 0; m < p->rows; m += BC_NEON_PIXELS) {
        const int32_t rows = p->rows - m < BC_NEON_PIXELS ? p->rows - m : BC_NEON_PIXELS;
        const int8_t *windows[BC_NEON_PIXELS];
        for (int32_t k = 0; k < BC_NEON_PIXELS; ++k) {
            const int8_t *const row = x + (m + (k < rows ? k : 0)) * p->in_c;
            if (p->in_c % 4 == 0) {
                windows[k] = row;
            } else {
                int8_t *const copy = (int8_t *)scratch + k * size;
                bc_neon_copy(copy, row, p->in_c);
                windows[k] = copy;
            }
        }
        bc_dotprod_pixels(&l, windows, rows, y + m * p->out_c, p->out_c, bc_neon_mode(p->shift, p->ties));
    }
}

#endif
