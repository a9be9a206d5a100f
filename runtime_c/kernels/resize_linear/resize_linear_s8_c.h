/* SPDX-License-Identifier: 0BSD */
#ifndef BC_RESIZE_LINEAR_S8_C_H
#define BC_RESIZE_LINEAR_S8_C_H

#include "barecast/resize_linear.h"

static BC_KERNEL void bc_resize_linear_s8_c(
    const bc_resize_linear_params *p, const int8_t *x, const int16_t *rows, const int16_t *row_weights,
    const int16_t *columns, const int16_t *column_weights, int8_t *y)
{
    const int32_t half = (int32_t)1 << 19;
    for (int32_t n = 0; n < p->batch; ++n) {
        for (int32_t i = 0; i < p->out_h; ++i) {
            const int8_t *above = x + rows[2 * i] * p->in_w * p->channels;
            const int8_t *below = x + rows[2 * i + 1] * p->in_w * p->channels;
            const int32_t down = row_weights[i], up = 1024 - down;
            for (int32_t j = 0; j < p->out_w; ++j) {
                const int32_t left = columns[2 * j] * p->channels, right = columns[2 * j + 1] * p->channels;
                const int32_t east = column_weights[j], west = 1024 - east;
                /* |weights| add up to 2048 * 2048 at most: no partial sum exceeds 2**29. */
                const int32_t w0 = up * west, w1 = down * west, w2 = up * east, w3 = down * east;
                for (int32_t c = 0; c < p->channels; ++c) {
                    const int32_t sum =
                        above[left + c] * w0 + below[left + c] * w1 + above[right + c] * w2 + below[right + c] * w3;
                    /* Halves away from zero: up, but for one unit less below zero. */
                    *y++ = (int8_t)((sum + half - (p->away && sum < 0 ? 1 : 0)) >> 20);
                }
            }
        }
        x += p->in_h * p->in_w * p->channels;
    }
}

#endif
