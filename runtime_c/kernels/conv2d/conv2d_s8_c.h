/* SPDX-License-Identifier: 0BSD */
/* conv2d in plain C, int8: four output channels at a time; whole window rows in one go where memory allows. */
#ifndef BC_CONV2D_S8_C_H
#define BC_CONV2D_S8_C_H

#include "barecast/bc_dot.h"
#include "barecast/bc_math.h"
#include "barecast/bc_window.h"
#include "barecast/conv2d.h"

/* What the outputs of one pixel share. Taps outside of [first, end) lie on padding. */
typedef struct {
    const int8_t *x;
    int32_t row, column;
    int32_t first_h, end_h, first_w, end_w;
} bc_conv2d_s8_c_window;

/* acc[0 .. count) += n products of x and the filters at w[at]; count is 1 or 4. */
static BC_KERNEL void bc_conv2d_s8_c_dot(
    const bc_conv2d_params *p, int32_t acc[4], const int8_t *x, const void *w, int32_t at, int32_t count, int32_t n)
{
    if (count == 4) {
        bc_dot4_s8(acc, x, w, p->w_wide, at, p->k_h * p->k_w * (p->in_c / p->groups), n);
    } else {
        acc[0] = bc_dot_s8(acc[0], x, w, p->w_wide, at, n);
    }
}

/* The same for n weights on padding. */
static BC_KERNEL void bc_conv2d_s8_c_pad(
    const bc_conv2d_params *p, int32_t acc[4], const void *w, int32_t at, int32_t count, int32_t n)
{
    if (count == 4) {
        bc_dot4_pad_s8(acc, p->x_zero, w, p->w_wide, at, p->k_h * p->k_w * (p->in_c / p->groups), n);
    } else {
        acc[0] = bc_dot_pad_s8(acc[0], p->x_zero, w, p->w_wide, at, n);
    }
}

/* acc[0 .. count) += the whole window's products with the filters o .. o + count - 1. */
static BC_KERNEL void bc_conv2d_s8_c_window_sum(
    const bc_conv2d_params *p, const bc_conv2d_s8_c_window *at, const void *w, int32_t o, int32_t count, int32_t acc[4])
{
    const int32_t depth = p->in_c / p->groups;
    const int32_t skip = o / (p->out_c / p->groups) * depth;
    const int32_t row_size = p->k_w * depth;
    for (int32_t r = 0; r < p->k_h; ++r) {
        const int32_t w_row = (o * p->k_h + r) * row_size;
        if (r < at->first_h || r >= at->end_h) {
            bc_conv2d_s8_c_pad(p, acc, w, w_row, count, row_size);
            continue;
        }
        const int8_t *x_row = at->x + (at->row + r * p->dilation_h) * p->in_w * p->in_c;
        bc_conv2d_s8_c_pad(p, acc, w, w_row, count, at->first_w * depth);
        if (p->groups == 1 && p->dilation_w == 1) {
            bc_conv2d_s8_c_dot(p, acc, x_row + (at->column + at->first_w) * depth, w, w_row + at->first_w * depth,
                               count, (at->end_w - at->first_w) * depth);
        } else {
            for (int32_t s = at->first_w; s < at->end_w; ++s) {
                bc_conv2d_s8_c_dot(p, acc, x_row + (at->column + s * p->dilation_w) * p->in_c + skip, w,
                                   w_row + s * depth, count, depth);
            }
        }
        bc_conv2d_s8_c_pad(p, acc, w, w_row + at->end_w * depth, count, (p->k_w - at->end_w) * depth);
    }
}

static BC_KERNEL int8_t bc_conv2d_s8_c_out(const bc_conv2d_params *p, int32_t acc, const int32_t *mult, int32_t o)
{
    const int32_t shift = bc_channel_shift(mult, o, p->out_c, p->per_channel, p->shift, p->ties);
    return bc_requantize_s8(acc, mult[p->per_channel ? o : 0], shift, p->ties, p->y_zero, p->y_min, p->y_max);
}

static BC_KERNEL void bc_conv2d_s8_c(
    const bc_conv2d_params *p, const int8_t *x, const void *w, const int32_t *bias, const int32_t *mult, int8_t *y)
{
    const int32_t padded_h = p->pad_top | p->pad_bottom, padded_w = p->pad_left | p->pad_right;
    const int32_t group_size = p->out_c / p->groups, fours = group_size / 4 * 4;
    for (int32_t n = 0; n < p->batch; ++n) {
        for (int32_t i = 0; i < p->out_h; ++i) {
            for (int32_t j = 0; j < p->out_w; ++j) {
                const int32_t row = i * p->stride_h - p->pad_top, column = j * p->stride_w - p->pad_left;
                const bc_conv2d_s8_c_window at = {
                    x,
                    row,
                    column,
                    padded_h ? bc_first_tap(row, p->dilation_h, p->k_h) : 0,
                    padded_h ? bc_end_tap(row, p->in_h, p->dilation_h, p->k_h) : p->k_h,
                    padded_w ? bc_first_tap(column, p->dilation_w, p->k_w) : 0,
                    padded_w ? bc_end_tap(column, p->in_w, p->dilation_w, p->k_w) : p->k_w,
                };
                for (int32_t g = 0; g < p->out_c; g += group_size) {
                    for (int32_t o = g; o < g + fours; o += 4) {
                        int32_t acc[4] = {bias[o], bias[o + 1], bias[o + 2], bias[o + 3]};
                        bc_conv2d_s8_c_window_sum(p, &at, w, o, 4, acc);
                        y[o] = bc_conv2d_s8_c_out(p, acc[0], mult, o);
                        y[o + 1] = bc_conv2d_s8_c_out(p, acc[1], mult, o + 1);
                        y[o + 2] = bc_conv2d_s8_c_out(p, acc[2], mult, o + 2);
                        y[o + 3] = bc_conv2d_s8_c_out(p, acc[3], mult, o + 3);
                    }
                    for (int32_t o = g + fours; o < g + group_size; ++o) {
                        int32_t acc[4] = {bias[o], 0, 0, 0};
                        bc_conv2d_s8_c_window_sum(p, &at, w, o, 1, acc);
                        y[o] = bc_conv2d_s8_c_out(p, acc[0], mult, o);
                    }
                }
                y += p->out_c;
            }
        }
        x += p->in_h * p->in_w * p->in_c;
    }
}

#endif
