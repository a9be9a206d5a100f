/* SPDX-License-Identifier: 0BSD */
/* transpose_conv2d in plain C, float: each output gathers its taps; four output channels at a time. */
#ifndef BC_TRANSPOSE_CONV2D_F32_C_H
#define BC_TRANSPOSE_CONV2D_F32_C_H

#include "barecast/bc_dot.h"
#include "barecast/bc_math.h"
#include "barecast/transpose_conv2d.h"

/* The outputs o .. o + count - 1 of pixel (i, j); count is 1 or 4. */
static BC_KERNEL void bc_transpose_conv2d_f32_c_outputs(
    const bc_transpose_conv2d_params *p, const float *x, const float *w, const float *bias, float *y, int32_t i,
    int32_t j, int32_t o, int32_t count)
{
    const int32_t depth = p->in_c / p->groups, skip = o / (p->out_c / p->groups) * depth;
    float acc[4] = {bias[o], 0.0f, 0.0f, 0.0f};
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
            if (column < 0) {
                continue;
            }
            const float *pixel = x + (row * p->in_w + column) * p->in_c + skip;
            const float *tap = w + ((o * p->k_h + r) * p->k_w + s) * depth;
            if (count == 4) {
                bc_dot4_f32(acc, pixel, tap, p->k_h * p->k_w * depth, depth);
            } else {
                acc[0] = bc_dot_f32(acc[0], pixel, tap, depth);
            }
        }
    }
    for (int32_t k = 0; k < count; ++k) {
        y[o + k] = bc_clamp_f32(acc[k], p->y_min_f, p->y_max_f);
    }
}

static BC_KERNEL void bc_transpose_conv2d_f32_c(
    const bc_transpose_conv2d_params *p, const float *x, const float *w, const float *bias, float *y)
{
    const int32_t group_size = p->out_c / p->groups, fours = group_size / 4 * 4;
    for (int32_t n = 0; n < p->batch; ++n) {
        for (int32_t i = 0; i < p->out_h; ++i) {
            for (int32_t j = 0; j < p->out_w; ++j) {
                for (int32_t g = 0; g < p->out_c; g += group_size) {
                    for (int32_t o = g; o < g + fours; o += 4) {
                        bc_transpose_conv2d_f32_c_outputs(p, x, w, bias, y, i, j, o, 4);
                    }
                    for (int32_t o = g + fours; o < g + group_size; ++o) {
                        bc_transpose_conv2d_f32_c_outputs(p, x, w, bias, y, i, j, o, 1);
                    }
                }
                y += p->out_c;
            }
        }
        x += p->in_h * p->in_w * p->in_c;
    }
}

#endif
