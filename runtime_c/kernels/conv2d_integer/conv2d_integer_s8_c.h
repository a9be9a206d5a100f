/* SPDX-License-Identifier: 0BSD */
/* conv2d_integer in plain C: one output at a time. */
#ifndef BC_CONV2D_INTEGER_S8_C_H
#define BC_CONV2D_INTEGER_S8_C_H

#include "barecast/conv2d_integer.h"

/* The window whose first tap lies on (row, column), with the filter at w; x is the first channel of its group. */
static BC_KERNEL int32_t bc_conv2d_integer_s8_c_sum(
    const bc_conv2d_integer_params *p, const int8_t *x, const int8_t *w, int32_t row, int32_t column, int32_t x_zero,
    int32_t w_zero)
{
    const int32_t depth = p->in_c / p->groups;
    int32_t acc = 0;
    for (int32_t r = 0; r < p->k_h; ++r) {
        const int32_t i = row + r * p->dilation_h;
        for (int32_t s = 0; s < p->k_w; ++s) {
            const int32_t j = column + s * p->dilation_w;
            if (i >= 0 && i < p->in_h && j >= 0 && j < p->in_w) {
                const int8_t *pixel = x + (i * p->in_w + j) * p->in_c;
                for (int32_t c = 0; c < depth; ++c) {
                    acc += (pixel[c] - x_zero) * (w[c] - w_zero);
                }
            }
            w += depth;
        }
    }
    return acc;
}

static BC_KERNEL void bc_conv2d_integer_s8_c(
    const bc_conv2d_integer_params *p, const int8_t *x, const int8_t *w, const int8_t *x_zero, const int8_t *w_zero,
    int32_t *y)
{
    const int32_t depth = p->in_c / p->groups, group_size = p->out_c / p->groups;
    for (int32_t n = 0; n < p->batch; ++n) {
        for (int32_t i = 0; i < p->out_h; ++i) {
            for (int32_t j = 0; j < p->out_w; ++j) {
                const int32_t row = i * p->stride_h - p->pad_top, column = j * p->stride_w - p->pad_left;
                for (int32_t o = 0; o < p->out_c; ++o) {
                    const int8_t *filter = w + o * p->k_h * p->k_w * depth;
                    *y++ = bc_conv2d_integer_s8_c_sum(p, x + o / group_size * depth, filter, row, column, x_zero[0],
                                                      w_zero[o * p->w_zero_step]);
                }
            }
        }
        x += p->in_h * p->in_w * p->in_c;
    }
}

#endif
