/* SPDX-License-Identifier: 0BSD */
/* pool2d on the FPU of Cortex-M, float: eight channels at a time, taps in plain C's order. */
#ifndef BC_POOL2D_F32_FPU_H
#define BC_POOL2D_F32_FPU_H

#include "barecast/bc_columns_fpu.h"
#include "barecast/pool2d_f32_c.h"

/* All channels of the output whose window has `rows` x `columns` taps, the first of which is at x. */
static BC_INLINE void bc_pool2d_f32_fpu_pixel(
    const bc_pool2d_params *p, const float *x, int32_t rows, int32_t columns, float *y)
{
    const int32_t row_step = p->dilation_h * p->in_w * p->channels, column_step = p->dilation_w * p->channels;
    const float count = (float)(p->include_pad ? p->k_h * p->k_w : rows * columns);
    const int32_t bounded = p->y_min_f > -FLT_MAX || p->y_max_f < FLT_MAX;
    int32_t c = 0;
    for (; c + 8 <= p->channels; c += 8) {
        if (p->is_max) {
            bc_fpu_column_maxima(y + c, x + c, x + c, rows, columns, row_step, column_step);
            for (int32_t k = c; bounded && k < c + 8; ++k) {
                y[k] = bc_clamp_f32(y[k], p->y_min_f, p->y_max_f);
            }
        } else {
            float sums[8];
            bc_fpu_column_sums(sums, bc_fpu_zeros, x + c, rows, columns, row_step, column_step);
            for (int32_t k = 0; k < 8; ++k) {
                y[c + k] = bc_clamp_f32(sums[k] / count, p->y_min_f, p->y_max_f);
            }
        }
    }
    for (; c < p->channels; ++c) {
        y[c] = bc_pool2d_f32_c_out(p, x + c, rows, columns);
    }
}

static BC_KERNEL void bc_pool2d_f32_fpu(const bc_pool2d_params *p, const float *x, float *y)
{
    const int32_t padded_h = p->pad_top | p->pad_bottom, padded_w = p->pad_left | p->pad_right;
    for (int32_t n = 0; n < p->batch; ++n) {
        for (int32_t i = 0; i < p->out_h; ++i) {
            const int32_t row = i * p->stride_h - p->pad_top;
            const int32_t first_h = padded_h ? bc_first_tap(row, p->dilation_h, p->k_h) : 0;
            const int32_t end_h = padded_h ? bc_end_tap(row, p->in_h, p->dilation_h, p->k_h) : p->k_h;
            for (int32_t j = 0; j < p->out_w; ++j) {
                const int32_t column = j * p->stride_w - p->pad_left;
                const int32_t first_w = padded_w ? bc_first_tap(column, p->dilation_w, p->k_w) : 0;
                const int32_t end_w = padded_w ? bc_end_tap(column, p->in_w, p->dilation_w, p->k_w) : p->k_w;
                const int32_t start = (row + first_h * p->dilation_h) * p->in_w + column + first_w * p->dilation_w;
                bc_pool2d_f32_fpu_pixel(p, x + start * p->channels, end_h - first_h, end_w - first_w, y);
                y += p->channels;
            }
        }
        x += p->in_h * p->in_w * p->channels;
    }
}

#endif
