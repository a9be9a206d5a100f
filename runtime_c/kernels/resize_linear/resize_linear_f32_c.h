/* SPDX-License-Identifier: 0BSD */
#ifndef BC_RESIZE_LINEAR_F32_C_H
#define BC_RESIZE_LINEAR_F32_C_H

#include "barecast/resize_linear.h"

static BC_KERNEL void bc_resize_linear_f32_c(
    const bc_resize_linear_params *p, const float *x, const int16_t *rows, const float *row_weights,
    const int16_t *columns, const float *column_weights, float *y)
{
    for (int32_t n = 0; n < p->batch; ++n) {
        for (int32_t i = 0; i < p->out_h; ++i) {
            const float *above = x + rows[2 * i] * p->in_w * p->channels;
            const float *below = x + rows[2 * i + 1] * p->in_w * p->channels;
            const float down = row_weights[i], up = 1.0f - down;
            for (int32_t j = 0; j < p->out_w; ++j) {
                const int32_t left = columns[2 * j] * p->channels, right = columns[2 * j + 1] * p->channels;
                const float east = column_weights[j], west = 1.0f - east;
                const float w0 = up * west, w1 = up * east, w2 = down * west, w3 = down * east;
                for (int32_t c = 0; c < p->channels; ++c) {
                    *y++ = above[left + c] * w0 + above[right + c] * w1 + below[left + c] * w2 + below[right + c] * w3;
                }
            }
        }
        x += p->in_h * p->in_w * p->channels;
    }
}

#endif
