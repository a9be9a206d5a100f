/* SPDX-License-Identifier: 0BSD */
/*
 * row_sums: adds a row of an image to a sum for each channel. A call for each row gives what an average over the whole
 * image is made from, without the image.
 *
 *   y[c] = (begins ? 0 : y[c]) + sum over w of x[w][c]
 *
 *   x [width][channels]   y [channels], int32   x and y do not overlap
 *
 * The caller sees to it that the sums of all rows fit 32 bits.
 *
 * Call: bc_row_sums_s8_<isa>(p, x, y).
 */
#ifndef BC_ROW_SUMS_H
#define BC_ROW_SUMS_H

#include "barecast/bc.h"

typedef struct {
    int32_t width, channels;
    int32_t begins; /* whether this is the first row */
} bc_row_sums_params;

#endif
