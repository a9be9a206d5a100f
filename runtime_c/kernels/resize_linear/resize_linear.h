/* SPDX-License-Identifier: 0BSD */
/*
 * resize_linear: an image of another size, by bilinear interpolation, channels last.
 *
 *   y[n][i][j][c] = out((one - rw[i]) * (one - cw[j]) * x[n][r0][c0][c] + (one - rw[i]) * cw[j] * x[n][r0][c1][c]
 *                       + rw[i] * (one - cw[j]) * x[n][r1][c0][c] + rw[i] * cw[j] * x[n][r1][c1][c])
 *
 *   with r0, r1 = rows[2 * i], rows[2 * i + 1] and c0, c1 = columns[2 * j], columns[2 * j + 1]
 *
 *   x  [batch][in_h][in_w][channels]    rows     [out_h][2], row_weights rw     [out_h]
 *   y  [batch][out_h][out_w][channels]  columns  [out_w][2], column_weights cw  [out_w]    x and y do not overlap
 *
 * s8: x and y int8_t; weights int16_t, one is 1024, -512 <= weight <= 1024; out(v) = v / 2**20 to the nearest,
 * halves up, or away from zero if `away`. What is computed lies between the four numbers: it fits.
 * f32: all float, one is 1, `away` means nothing. The products of the weights are rounded, then those with x, which are
 * added from left to right: all kernels keep to that order, since what is quantised behind them is exact.
 *
 * Call: bc_resize_linear_<dtype>_<isa>(p, x, rows, row_weights, columns, column_weights, y).
 */
#ifndef BC_RESIZE_LINEAR_H
#define BC_RESIZE_LINEAR_H

#include "barecast/bc.h"

typedef struct {
    int32_t batch, in_h, in_w, channels;
    int32_t out_h, out_w;
    int32_t away;
} bc_resize_linear_params;

#endif
