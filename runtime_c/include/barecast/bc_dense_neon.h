/* SPDX-License-Identifier: 0BSD */
/* The drive of the int8 dense kernels for AArch64: eight rows by eight channels at a time (bc_neon.h). */
#ifndef BC_DENSE_NEON_H
#define BC_DENSE_NEON_H

#include "barecast/bc_bytes_neon.h"
#include "barecast/bc_neon.h"
#include "barecast/dense.h"

/* scratch: eight rows of x in whole words, none if in_c is a multiple of 4; own: as in bc_neon_layer. */
static BC_INLINE void bc_dense_neon(
    const bc_dense_params *p, const int8_t *x, const int8_t *w, const int32_t *channels, int8_t *y, int8_t *scratch,
    int8_t *own, bc_neon_pixels tile, int32_t mode)
{
    const int32_t size = (p->in_c + 3) / 4 * 4;
    const bc_neon_layer l = bc_neon_layer_of(
        w, channels, 1, size, 0, p->out_c, p->y_zero, p->y_min, p->y_max, p->shift, p->ties, own);
    for (int32_t m = 0; m < p->rows; m += BC_NEON_PIXELS) {
        const int32_t rows = p->rows - m < BC_NEON_PIXELS ? p->rows - m : BC_NEON_PIXELS;
        const int8_t *windows[BC_NEON_PIXELS];
        for (int32_t k = 0; k < BC_NEON_PIXELS; ++k) {
            const int8_t *const row = x + (m + (k < rows ? k : 0)) * p->in_c;
            if (p->in_c % 4 == 0) {
                windows[k] = row;
            } else {
                int8_t *const copy = scratch + k * size;
                bc_neon_copy(copy, row, p->in_c);
                windows[k] = copy;
            }
        }
        tile(&l, windows, rows, y + m * p->out_c, p->out_c, mode);
    }
}

#endif
