/* SPDX-License-Identifier: 0BSD */
/*
 * pool2d for the DSP extension, int8: four channels at a time. Same call as pool2d_s8_c; a row of a window has at most
 * BC_DSP_LANE_TERMS taps.
 */
#ifndef BC_POOL2D_S8_DSP_H
#define BC_POOL2D_S8_DSP_H

#include "barecast/bc_dsp.h"
#include "barecast/pool2d_s8_c.h"

/* Four outputs from `rows` x `columns` taps, the first of which are at x. */
static BC_INLINE void bc_pool2d_s8_dsp_four(
    const bc_pool2d_params *p, const int8_t *x, const int32_t *mult, int32_t rows, int32_t columns, int8_t *y)
{
    const int32_t row_step = p->dilation_h * p->in_w * p->channels, column_step = p->dilation_w * p->channels;
    const int32_t start = p->is_max ? 0 : -p->x_zero * rows * columns;
    int32_t acc[4] = {start, start, start, start};
    int32_t largest = (int32_t)0x80808080u;
    bc_dsp_lanes lanes = {0, 0};
    for (int32_t r = 0; r < rows; ++r) {
        const int8_t *from = x + r * row_step;
        for (int32_t s = 0; s < columns; ++s) {
            if (p->is_max) {
                largest = bc_dsp_max4(largest, bc_load4(from));
            } else {
                bc_dsp_lanes_add(&lanes, bc_load4(from));
            }
            from += column_step;
        }
        if (!p->is_max && p->k_h * p->k_w > BC_DSP_LANE_TERMS) {
            bc_dsp_lanes_sum(&lanes, acc);
            lanes.even = lanes.odd = 0;
        }
    }
    if (p->is_max) {
        if (p->y_min == INT8_MIN && p->y_max == INT8_MAX) {
            BC_COPY(y, &largest, 4);
            return;
        }
        for (int32_t j = 0; j < 4; ++j) {
            acc[j] = (int8_t)((uint32_t)largest >> (8 * j));
        }
    } else {
        bc_dsp_lanes_sum(&lanes, acc);
    }
    for (int32_t j = 0; j < 4; ++j) {
        y[j] = bc_pool2d_s8_c_finish(p, x + j, mult, rows, columns, acc[j]);
    }
}

static BC_KERNEL void bc_pool2d_s8_dsp(const bc_pool2d_params *p, const int8_t *x, const int32_t *mult, int8_t *y)
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
                const int8_t *first = x + ((row + first_h * p->dilation_h) * p->in_w + column + first_w * p->dilation_w)
                                          * p->channels;
                for (int32_t c = 0; c < fours; c += 4) {
                    bc_pool2d_s8_dsp_four(p, first + c, mult, end_h - first_h, end_w - first_w, y + c);
                }
                for (int32_t c = fours; c < p->channels; ++c) {
                    y[c] = bc_pool2d_s8_c_out(p, first + c, mult, end_h - first_h, end_w - first_w);
                }
                y += p->channels;
            }
        }
        x += p->in_h * p->in_w * p->channels;
    }
}

#endif
