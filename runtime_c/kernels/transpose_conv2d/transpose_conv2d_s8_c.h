/* SPDX-License-Identifier: 0BSD */
/* transpose_conv2d in plain C, int8: each output gathers its taps; four output channels at a time. */
#ifndef BC_TRANSPOSE_CONV2D_S8_C_H
#define BC_TRANSPOSE_CONV2D_S8_C_H

#include "barecast/bc_dot.h"
#include "barecast/bc_math.h"
#include "barecast/transpose_conv2d.h"

/* acc[0 .. count) += the products of one pixel and the filters at w[at]; count is 1 or 4. */
static BC_KERNEL void bc_transpose_conv2d_s8_c_dot(
    const bc_transpose_conv2d_params *p, int32_t acc[4], const int8_t *x, const void *w, int32_t at, int32_t count)
{
    const int32_t depth = p->in_c / p->groups, step = p->k_h * p->k_w * depth;
    for (int32_t c = 0; c < depth; ++c) {
        const int32_t value = x[c] - p->x_zero;
        acc[0] += value * bc_weight(w, p->w_wide, at + c);
        if (count == 4) {
            acc[1] += value * bc_weight(w, p->w_wide, at + step + c);
            acc[2] += value * bc_weight(w, p->w_wide, at + 2 * step + c);
            acc[3] += value * bc_weight(w, p->w_wide, at + 3 * step + c);
        }
    }
}

/* The outputs o .. o + count - 1 of pixel (i, j); count is 1 or 4. */
static BC_KERNEL void bc_transpose_conv2d_s8_c_outputs(
    const bc_transpose_conv2d_params *p, const int8_t *x, const void *w, const int32_t *bias, const int32_t *mult,
    int8_t *y, int32_t i, int32_t j, int32_t o, int32_t count)
{
    const int32_t depth = p->in_c / p->groups, skip = o / (p->out_c / p->groups) * depth;
    int32_t acc[4] = {bias[o], 0, 0, 0};
    if (count == 4) {
        acc[1] = bias[o + 1];
        acc[2] = bias[o + 2];
        acc[3] = bias[o + 3];
    }
    for (int32_t r = 0; r < p->k_h; ++r) {
        const int32_t row = bc_transpose_conv2d_place(i + p->pad_top - r * p->dilation_h, p->stride_h, p->in_h);
        for (int32_t s = 0; row >= 0 && s < p->k_w; ++s) {
            const int32_t column =
                bc_transpose_conv2d_place(j + p->pad_left - s * p->dilation_w, p->stride_w, p->in_w);
            if (column >= 0) {
                bc_transpose_conv2d_s8_c_dot(p, acc, x + (row * p->in_w + column) * p->in_c + skip, w,
                                             ((o * p->k_h + r) * p->k_w + s) * depth, count);
            }
        }
    }
    for (int32_t k = 0; k < count; ++k) {
        const int32_t shift = bc_channel_shift(mult, o + k, p->out_c, p->per_channel, p->shift, p->ties);
        y[o + k] = bc_requantize_s8(acc[k], mult[p->per_channel ? o + k : 0], shift, p->ties, p->y_zero, p->y_min,
                                    p->y_max);
    }
}

static BC_KERNEL void bc_transpose_conv2d_s8_c(
    const bc_transpose_conv2d_params *p, const int8_t *x, const void *w, const int32_t *bias, const int32_t *mult,
    int8_t *y)
{
    const int32_t group_size = p->out_c / p->groups, fours = group_size / 4 * 4;
    for (int32_t n = 0; n < p->batch; ++n) {
        for (int32_t i = 0; i < p->out_h; ++i) {
            for (int32_t j = 0; j < p->out_w; ++j) {
                for (int32_t g = 0; g < p->out_c; g += group_size) {
                    for (int32_t o = g; o < g + fours; o += 4) {
                        bc_transpose_conv2d_s8_c_outputs(p, x, w, bias, mult, y, i, j, o, 4);
                    }
                    for (int32_t o = g + fours; o < g + group_size; ++o) {
                        bc_transpose_conv2d_s8_c_outputs(p, x, w, bias, mult, y, i, j, o, 1);
                    }
                }
                y += p->out_c;
            }
        }
        x += p->in_h * p->in_w * p->in_c;
    }
}

#endif
