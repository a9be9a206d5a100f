/* SPDX-License-Identifier: 0BSD */
/* dwconv2d in plain C, int16: four channels at a time share the walk over the window. */
#ifndef BC_DWCONV2D_S16_C_H
#define BC_DWCONV2D_S16_C_H

#include "barecast/bc_dot_s16.h"
#include "barecast/bc_math.h"
#include "barecast/bc_window.h"
#include "barecast/dwconv2d.h"

/* The outputs o .. o + count - 1 of the pixel whose window starts at (row, column); count is 1 or 4. */
static BC_KERNEL void bc_dwconv2d_s16_c_outputs(
    const bc_dwconv2d_params *p, const int16_t *x, const void *w, const void *bias, const int32_t *mult, int16_t *y,
    int32_t row, int32_t column, int32_t o, int32_t count)
{
    const int32_t padded_h = p->pad_top | p->pad_bottom, padded_w = p->pad_left | p->pad_right;
    const int32_t first_h = padded_h ? bc_first_tap(row, p->dilation_h, p->k_h) : 0;
    const int32_t end_h = padded_h ? bc_end_tap(row, p->in_h, p->dilation_h, p->k_h) : p->k_h;
    const int32_t first_w = padded_w ? bc_first_tap(column, p->dilation_w, p->k_w) : 0;
    const int32_t end_w = padded_w ? bc_end_tap(column, p->in_w, p->dilation_w, p->k_w) : p->k_w;
    int64_t sum[4] = {0, 0, 0, 0};
    int32_t acc[4] = {0, 0, 0, 0};
    for (int32_t r = first_h; r < end_h; ++r) {
        const int16_t *pixel = x + ((row + r * p->dilation_h) * p->in_w + column + first_w * p->dilation_w) * p->in_c;
        int32_t tap = (r * p->k_w + first_w) * p->out_c + o;
        for (int32_t s = first_w; s < end_w; ++s) {
            acc[0] += pixel[o / p->depth_multiplier] * bc_weight(w, p->w_wide, tap);
            if (count == 4) {
                acc[1] += pixel[(o + 1) / p->depth_multiplier] * bc_weight(w, p->w_wide, tap + 1);
                acc[2] += pixel[(o + 2) / p->depth_multiplier] * bc_weight(w, p->w_wide, tap + 2);
                acc[3] += pixel[(o + 3) / p->depth_multiplier] * bc_weight(w, p->w_wide, tap + 3);
            }
            if (p->acc_wide) {
                bc_widen4_s16(sum, acc);
            }
            pixel += p->dilation_w * p->in_c;
            tap += p->out_c;
        }
    }
    for (int32_t j = 0; j < count; ++j) {
        const int32_t shift = bc_channel_shift(mult, o + j, p->out_c, p->per_channel, p->shift, p->ties);
        y[o + j] = bc_requantize_s16(sum[j] + acc[j] + bc_bias_s16(bias, p->ties, o + j),
                                     mult[p->per_channel ? o + j : 0], shift, p->ties, p->y_zero, p->y_min, p->y_max);
    }
}

static BC_KERNEL void bc_dwconv2d_s16_c(
    const bc_dwconv2d_params *p, const int16_t *x, const void *w, const void *bias, const int32_t *mult, int16_t *y)
{
    const int32_t fours = p->out_c / 4 * 4;
    for (int32_t n = 0; n < p->batch; ++n) {
        for (int32_t i = 0; i < p->out_h; ++i) {
            for (int32_t j = 0; j < p->out_w; ++j) {
                const int32_t row = i * p->stride_h - p->pad_top, column = j * p->stride_w - p->pad_left;
                for (int32_t o = 0; o < fours; o += 4) {
                    bc_dwconv2d_s16_c_outputs(p, x, w, bias, mult, y, row, column, o, 4);
                }
                for (int32_t o = fours; o < p->out_c; ++o) {
                    bc_dwconv2d_s16_c_outputs(p, x, w, bias, mult, y, row, column, o, 1);
                }
                y += p->out_c;
            }
        }
        x += p->in_h * p->in_w * p->in_c;
    }
}

#endif
