/* SPDX-License-Identifier: 0BSD */
/* transpose_conv2d in plain C, int16: each output gathers its taps; four output channels at a time. */
#ifndef BC_TRANSPOSE_CONV2D_S16_C_H
#define BC_TRANSPOSE_CONV2D_S16_C_H

#include "barecast/bc_dot_s16.h"
#include "barecast/bc_math.h"
#include "barecast/transpose_conv2d.h"

/* The outputs o .. o + count - 1 of pixel (i, j); count is 1 or 4. */
static BC_KERNEL void bc_transpose_conv2d_s16_c_outputs(
    const bc_transpose_conv2d_params *p, const int16_t *x, const void *w, const void *bias, const int32_t *mult,
    int16_t *y, int32_t i, int32_t j, int32_t o, int32_t count)
{
    const int32_t depth = p->in_c / p->groups, step = p->k_h * p->k_w * depth;
    const int32_t skip = o / (p->out_c / p->groups) * depth;
    int64_t sum[4] = {0, 0, 0, 0};
    int32_t acc[4] = {0, 0, 0, 0};
    for (int32_t r = 0; r < p->k_h; ++r) {
        const int32_t row = bc_transpose_conv2d_place(i + p->pad_top - r * p->dilation_h, p->stride_h, p->in_h);
        for (int32_t s = 0; row >= 0 && s < p->k_w; ++s) {
            const int32_t column =
                bc_transpose_conv2d_place(j + p->pad_left - s * p->dilation_w, p->stride_w, p->in_w);
            if (column >= 0) {
                bc_dots_s16(sum, acc, x + (row * p->in_w + column) * p->in_c + skip, w, p->w_wide,
                            ((o * p->k_h + r) * p->k_w + s) * depth, step, count, depth, p->acc_wide);
            }
        }
    }
    for (int32_t k = 0; k < count; ++k) {
        const int32_t shift = bc_channel_shift(mult, o + k, p->out_c, p->per_channel, p->shift, p->ties);
        y[o + k] = bc_requantize_s16(sum[k] + acc[k] + bc_bias_s16(bias, p->ties, o + k),
                                     mult[p->per_channel ? o + k : 0], shift, p->ties, p->y_zero, p->y_min, p->y_max);
    }
}

static BC_KERNEL void bc_transpose_conv2d_s16_c(
    const bc_transpose_conv2d_params *p, const int16_t *x, const void *w, const void *bias, const int32_t *mult,
    int16_t *y)
{
    const int32_t group_size = p->out_c / p->groups, fours = group_size / 4 * 4;
    for (int32_t n = 0; n < p->batch; ++n) {
        for (int32_t i = 0; i < p->out_h; ++i) {
            for (int32_t j = 0; j < p->out_w; ++j) {
                for (int32_t g = 0; g < p->out_c; g += group_size) {
                    for (int32_t o = g; o < g + fours; o += 4) {
                        bc_transpose_conv2d_s16_c_outputs(p, x, w, bias, mult, y, i, j, o, 4);
                    }
                    for (int32_t o = g + fours; o < g + group_size; ++o) {
                        bc_transpose_conv2d_s16_c_outputs(p, x, w, bias, mult, y, i, j, o, 1);
                    }
                }
                y += p->out_c;
            }
        }
        x += p->in_h * p->in_w * p->in_c;
    }
}

#endif
