/* SPDX-License-Identifier: 0BSD */
/* conv2d in plain C, float: four output channels at a time; whole window rows in one go where memory allows. */
#ifndef BC_CONV2D_F32_C_H
#define BC_CONV2D_F32_C_H

#include "barecast/bc_dot.h"
#include "barecast/bc_math.h"
#include "barecast/bc_window.h"
#include "barecast/conv2d.h"

/* acc[0 .. count) += n products of x and the filters at w; count is 1 or 4. */
static BC_KERNEL void bc_conv2d_f32_c_dot(
    const bc_conv2d_params *p, float acc[4], const float *x, const float *w, int32_t count, int32_t n)
{
    if (count == 4) {
        bc_dot4_f32(acc, x, w, p->k_h * p->k_w * (p->in_c / p->groups), n);
    } else {
        acc[0] = bc_dot_f32(acc[0], x, w, n);
    }
}

/* The outputs o .. o + count - 1 of the pixel whose window starts at (row, column); count is 1 or 4. */
static BC_KERNEL void bc_conv2d_f32_c_outputs(
    const bc_conv2d_params *p, const float *x, const float *w, const float *bias, float *y, int32_t row, int32_t column,
    int32_t o, int32_t count)
{
    const int32_t depth = p->in_c / p->groups;
    const int32_t skip = o / (p->out_c / p->groups) * depth;
    const int32_t padded_h = p->pad_top | p->pad_bottom, padded_w = p->pad_left | p->pad_right;
    const int32_t first_h = padded_h ? bc_first_tap(row, p->dilation_h, p->k_h) : 0;
    const int32_t end_h = padded_h ? bc_end_tap(row, p->in_h, p->dilation_h, p->k_h) : p->k_h;
    const int32_t first_w = padded_w ? bc_first_tap(column, p->dilation_w, p->k_w) : 0;
    const int32_t end_w = padded_w ? bc_end_tap(column, p->in_w, p->dilation_w, p->k_w) : p->k_w;
    float acc[4] = {bias[o], 0.0f, 0.0f, 0.0f};
    if (count == 4) {
        acc[1] = bias[o + 1];
        acc[2] = bias[o + 2];
        acc[3] = bias[o + 3];
    }
    for (int32_t r = first_h; r < end_h; ++r) {
        const float *x_row = x + (row + r * p->dilation_h) * p->in_w * p->in_c;
        const float *w_row = w + (o * p->k_h + r) * p->k_w * depth;
        if (p->groups == 1 && p->dilation_w == 1) {
            bc_conv2d_f32_c_dot(p, acc, x_row + (column + first_w) * depth, w_row + first_w * depth, count,
                                (end_w - first_w) * depth);
        } else {
            for (int32_t s = first_w; s < end_w; ++s) {
                bc_conv2d_f32_c_dot(p, acc, x_row + (column + s * p->dilation_w) * p->in_c + skip, w_row + s * depth,
                                    count, depth);
            }
        }
    }
    y[o] = bc_clamp_f32(acc[0], p->y_min_f, p->y_max_f);
    if (count == 4) {
        y[o + 1] = bc_clamp_f32(acc[1], p->y_min_f, p->y_max_f);
        y[o + 2] = bc_clamp_f32(acc[2], p->y_min_f, p->y_max_f);
        y[o + 3] = bc_clamp_f32(acc[3], p->y_min_f, p->y_max_f);
    }
}

static BC_KERNEL void bc_conv2d_f32_c(
    const bc_conv2d_params *p, const float *x, const float *w, const float *bias, float *y)
{
    const int32_t group_size = p->out_c / p->groups, fours = group_size / 4 * 4;
    for (int32_t n = 0; n < p->batch; ++n) {
        for (int32_t i = 0; i < p->out_h; ++i) {
            for (int32_t j = 0; j < p->out_w; ++j) {
                const int32_t row = i * p->stride_h - p->pad_top, column = j * p->stride_w - p->pad_left;
                for (int32_t g = 0; g < p->out_c; g += group_size) {
                    for (int32_t o = 0; o < fours; o += 4) {
                        bc_conv2d_f32_c_outputs(p, x, w, bias, y, row, column, g + o, 4);
                    }
                    for (int32_t o = fours; o < group_size; ++o) {
                        bc_conv2d_f32_c_outputs(p, x, w, bias, y, row, column, g + o, 1);
                    }
                }
                y += p->out_c;
            }
        }
        x += p->in_h * p->in_w * p->in_c;
    }
}

#endif
