/* SPDX-License-Identifier: 0BSD */
/* conv2d in plain C, int16: four output channels at a time; whole window rows in one go where memory allows. */
#ifndef BC_CONV2D_S16_C_H
#define BC_CONV2D_S16_C_H

#include "barecast/bc_dot_s16.h"
#include "barecast/bc_math.h"
#include "barecast/bc_window.h"
#include "barecast/conv2d.h"

/* The outputs o .. o + count - 1 of the pixel whose window starts at (row, column); count is 1 or 4. */
static BC_KERNEL void bc_conv2d_s16_c_outputs(
    const bc_conv2d_params *p, const int16_t *x, const void *w, const void *bias, const int32_t *mult, int16_t *y,
    int32_t row, int32_t column, int32_t o, int32_t count)
{
    const int32_t depth = p->in_c / p->groups, step = p->k_h * p->k_w * depth;
    const int32_t skip = o / (p->out_c / p->groups) * depth;
    const int32_t padded_h = p->pad_top | p->pad_bottom, padded_w = p->pad_left | p->pad_right;
    const int32_t first_h = padded_h ? bc_first_tap(row, p->dilation_h, p->k_h) : 0;
    const int32_t end_h = padded_h ? bc_end_tap(row, p->in_h, p->dilation_h, p->k_h) : p->k_h;
    const int32_t first_w = padded_w ? bc_first_tap(column, p->dilation_w, p->k_w) : 0;
    const int32_t end_w = padded_w ? bc_end_tap(column, p->in_w, p->dilation_w, p->k_w) : p->k_w;
    int64_t sum[4] = {0, 0, 0, 0};
    int32_t acc[4] = {0, 0, 0, 0};
    for (int32_t r = first_h; r < end_h; ++r) {
        const int16_t *x_row = x + (row + r * p->dilation_h) * p->in_w * p->in_c;
        const int32_t w_row = (o * p->k_h + r) * p->k_w * depth;
        if (p->groups == 1 && p->dilation_w == 1) {
            bc_dots_s16(sum, acc, x_row + (column + first_w) * depth, w, p->w_wide, w_row + first_w * depth, step,
                        count, (end_w - first_w) * depth, p->acc_wide);
        } else {
            for (int32_t s = first_w; s < end_w; ++s) {
                bc_dots_s16(sum, acc, x_row + (column + s * p->dilation_w) * p->in_c + skip, w, p->w_wide,
                            w_row + s * depth, step, count, depth, p->acc_wide);
            }
        }
    }
    for (int32_t j = 0; j < count; ++j) {
        const int32_t shift = bc_channel_shift(mult, o + j, p->out_c, p->per_channel, p->shift, p->ties);
        y[o + j] = bc_requantize_s16(sum[j] + acc[j] + bc_bias_s16(bias, p->ties, o + j),
                                     mult[p->per_channel ? o + j : 0], shift, p->ties, p->y_zero, p->y_min, p->y_max);
    }
}

static BC_KERNEL void bc_conv2d_s16_c(
    const bc_conv2d_params *p, const int16_t *x, const void *w, const void *bias, const int32_t *mult, int16_t *y)
{
    const int32_t group_size = p->out_c / p->groups, fours = group_size / 4 * 4;
    for (int32_t n = 0; n < p->batch; ++n) {
        for (int32_t i = 0; i < p->out_h; ++i) {
            for (int32_t j = 0; j < p->out_w; ++j) {
                const int32_t row = i * p->stride_h - p->pad_top, column = j * p->stride_w - p->pad_left;
                for (int32_t g = 0; g < p->out_c; g += group_size) {
                    for (int32_t o = g; o < g + fours; o += 4) {
                        bc_conv2d_s16_c_outputs(p, x, w, bias, mult, y, row, column, o, 4);
                    }
                    for (int32_t o = g + fours; o < g + group_size; ++o) {
                        bc_conv2d_s16_c_outputs(p, x, w, bias, mult, y, row, column, o, 1);
                    }
                }
                y += p->out_c;
            }
        }
        x += p->in_h * p->in_w * p->in_c;
    }
}

#endif
