/* SPDX-License-Identifier: 0BSD */
/* pool2d in plain C, int16: one output at a time. */
#ifndef BC_POOL2D_S16_C_H
#define BC_POOL2D_S16_C_H

#include "barecast/bc_math.h"
#include "barecast/bc_window.h"
#include "barecast/pool2d.h"

/* An output from a maximum, or the sum of `count` numbers. */
static BC_INLINE int16_t bc_pool2d_s16_c_finish(const bc_pool2d_params *p, int32_t acc, int32_t count)
{
    if (!p->is_max) {
        acc = (acc + (acc > 0 ? count / 2 : -(count / 2))) / count;
    }
    return (int16_t)bc_clamp_s32(acc, p->y_min, p->y_max);
}

/* One output from `rows` x `columns` taps, the first of which is *x. */
static BC_KERNEL int16_t bc_pool2d_s16_c_out(const bc_pool2d_params *p, const int16_t *x, int32_t rows, int32_t columns)
{
    const int32_t row_step = p->dilation_h * p->in_w * p->channels, column_step = p->dilation_w * p->channels;
    int32_t acc = p->is_max ? INT16_MIN : 0;
    for (int32_t r = 0; r < rows; ++r) {
        for (int32_t s = 0; s < columns; ++s) {
            const int32_t value = x[r * row_step + s * column_step];
            if (p->is_max) {
                acc = value > acc ? value : acc;
            } else {
                acc += value;
            }
        }
    }
    return bc_pool2d_s16_c_finish(p, acc, rows * columns);
}

static BC_KERNEL void bc_pool2d_s16_c(const bc_pool2d_params *p, const int16_t *x, int16_t *y)
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
                const int16_t *first =
                    x + ((row + first_h * p->dilation_h) * p->in_w + column + first_w * p->dilation_w) * p->channels;
                for (int32_t c = 0; c < p->channels; ++c) {
                    *y++ = bc_pool2d_s16_c_out(p, first + c, end_h - first_h, end_w - first_w);
                }
            }
        }
        x += p->in_h * p->in_w * p->channels;
    }
}

#endif
