/* SPDX-License-Identifier: 0BSD */
/* pool2d for the DSP extension, int16: four channels at a time. Same call as pool2d_s16_c. */
#ifndef BC_POOL2D_S16_DSP_H
#define BC_POOL2D_S16_DSP_H

#include "barecast/bc_dsp.h"
#include "barecast/pool2d_s16_c.h"

/* Four outputs from `rows` x `columns` taps, the first of which are at x. */
static BC_INLINE void bc_pool2d_s16_dsp_four(
    const bc_pool2d_params *p, const int16_t *x, int32_t rows, int32_t columns, int16_t *y)
{
    const int32_t row_step = p->dilation_h * p->in_w * p->channels, column_step = p->dilation_w * p->channels;
    int32_t most01 = bc_pair(INT16_MIN, INT16_MIN), most23 = most01;
    int32_t acc0 = 0, acc1 = 0, acc2 = 0, acc3 = 0;
    for (int32_t r = 0; r < rows; ++r) {
        const int16_t *from = x + r * row_step;
        for (int32_t s = 0; s < columns; ++s) {
            int32_t x01, x23;
            BC_COPY(&x01, from, 4);
            BC_COPY(&x23, from + 2, 4);
            if (p->is_max) {
                most01 = bc_dsp_max2(most01, x01);
                most23 = bc_dsp_max2(most23, x23);
            } else {
                acc0 += (int16_t)x01;
                acc1 += x01 >> 16;
                acc2 += (int16_t)x23;
                acc3 += x23 >> 16;
            }
            from += column_step;
        }
    }
    if (p->is_max && p->y_min == INT16_MIN && p->y_max == INT16_MAX) {
        BC_COPY(y, &most01, 4);
        BC_COPY(y + 2, &most23, 4);
        return;
    }
    y[0] = bc_pool2d_s16_c_finish(p, p->is_max ? (int16_t)most01 : acc0, rows * columns);
    y[1] = bc_pool2d_s16_c_finish(p, p->is_max ? most01 >> 16 : acc1, rows * columns);
    y[2] = bc_pool2d_s16_c_finish(p, p->is_max ? (int16_t)most23 : acc2, rows * columns);
    y[3] = bc_pool2d_s16_c_finish(p, p->is_max ? most23 >> 16 : acc3, rows * columns);
}

static BC_KERNEL void bc_pool2d_s16_dsp(const bc_pool2d_params *p, const int16_t *x, int16_t *y)
{
    const int32_t padded_h = p->pad_top | p->pad_bottom, padded_w = p->pad_left | p->pad_right;
    const int32_t fours = p->channels / 4 * 4;
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
                for (int32_t c = 0; c < fours; c += 4) {
                    bc_pool2d_s16_dsp_four(p, first + c, end_h - first_h, end_w - first_w, y + c);
                }
                for (int32_t c = fours; c < p->channels; ++c) {
                    y[c] = bc_pool2d_s16_c_out(p, first + c, end_h - first_h, end_w - first_w);
                }
                y += p->channels;
            }
        }
        x += p->in_h * p->in_w * p->channels;
    }
}

#endif
