/* SPDX-License-Identifier: 0BSD */
/* dwconv2d in plain C, int8: four channels at a time share the walk over the window. */
#ifndef BC_DWCONV2D_S8_C_H
#define BC_DWCONV2D_S8_C_H

#include "barecast/bc_dot.h"
#include "barecast/bc_math.h"
#include "barecast/bc_window.h"
#include "barecast/dwconv2d.h"

/* What the outputs of one pixel share. Taps outside of [first, end) lie on padding. */
typedef struct {
    const int8_t *x;
    int32_t row, column;
    int32_t first_h, end_h, first_w, end_w;
} bc_dwconv2d_s8_c_window;

/* acc[j] += the products of the input channel of output o + j and its filter, j < count; count is 1 or 4. */
static BC_KERNEL void bc_dwconv2d_s8_c_inside(
    const bc_dwconv2d_params *p, const bc_dwconv2d_s8_c_window *at, const void *w, int32_t o, int32_t count,
    int32_t acc[4])
{
    for (int32_t r = at->first_h; r < at->end_h; ++r) {
        const int8_t *pixel = at->x
            + ((at->row + r * p->dilation_h) * p->in_w + at->column + at->first_w * p->dilation_w) * p->in_c;
        int32_t tap = (r * p->k_w + at->first_w) * p->out_c + o;
        for (int32_t s = at->first_w; s < at->end_w; ++s) {
            if (count == 1) {
                acc[0] += pixel[o / p->depth_multiplier] * bc_weight(w, p->w_wide, tap);
            } else if (p->depth_multiplier == 1) {
                bc_mac4_s8(acc, pixel + o, w, p->w_wide, tap);
            } else {
                const int8_t four[4] = {pixel[o / p->depth_multiplier], pixel[(o + 1) / p->depth_multiplier],
                                        pixel[(o + 2) / p->depth_multiplier], pixel[(o + 3) / p->depth_multiplier]};
                bc_mac4_s8(acc, four, w, p->w_wide, tap);
            }
            pixel += p->dilation_w * p->in_c;
            tap += p->out_c;
        }
    }
}

/* acc[j] += the padding's products with the filter of output o + j. */
static BC_KERNEL void bc_dwconv2d_s8_c_pad(
    const bc_dwconv2d_params *p, const bc_dwconv2d_s8_c_window *at, const void *w, int32_t o, int32_t count,
    int32_t acc[4])
{
    for (int32_t r = 0; r < p->k_h; ++r) {
        for (int32_t s = 0; s < p->k_w; ++s) {
            const int32_t tap = (r * p->k_w + s) * p->out_c + o;
            if (r >= at->first_h && r < at->end_h && s >= at->first_w && s < at->end_w) {
                continue;
            }
            acc[0] += p->x_zero * bc_weight(w, p->w_wide, tap);
            if (count == 4) {
                acc[1] += p->x_zero * bc_weight(w, p->w_wide, tap + 1);
                acc[2] += p->x_zero * bc_weight(w, p->w_wide, tap + 2);
                acc[3] += p->x_zero * bc_weight(w, p->w_wide, tap + 3);
            }
        }
    }
}

static BC_KERNEL int8_t bc_dwconv2d_s8_c_out(const bc_dwconv2d_params *p, int32_t acc, const int32_t *mult, int32_t o)
{
    const int32_t shift = bc_channel_shift(mult, o, p->out_c, p->per_channel, p->shift, p->ties);
    return bc_requantize_s8(acc, mult[p->per_channel ? o : 0], shift, p->ties, p->y_zero, p->y_min, p->y_max);
}

static BC_KERNEL void bc_dwconv2d_s8_c(
    const bc_dwconv2d_params *p, const int8_t *x, const void *w, const int32_t *bias, const int32_t *mult, int8_t *y)
{
    const int32_t padded_h = p->pad_top | p->pad_bottom, padded_w = p->pad_left | p->pad_right;
    const int32_t fours = p->out_c / 4 * 4;
    for (int32_t n = 0; n < p->batch; ++n) {
        for (int32_t i = 0; i < p->out_h; ++i) {
            for (int32_t j = 0; j < p->out_w; ++j) {
                const int32_t row = i * p->stride_h - p->pad_top, column = j * p->stride_w - p->pad_left;
                const bc_dwconv2d_s8_c_window at = {
                    x,
                    row,
                    column,
                    padded_h ? bc_first_tap(row, p->dilation_h, p->k_h) : 0,
                    padded_h ? bc_end_tap(row, p->in_h, p->dilation_h, p->k_h) : p->k_h,
                    padded_w ? bc_first_tap(column, p->dilation_w, p->k_w) : 0,
                    padded_w ? bc_end_tap(column, p->in_w, p->dilation_w, p->k_w) : p->k_w,
                };
                const int32_t taps = (at.end_h - at.first_h) * (at.end_w - at.first_w);
                const int32_t padded = p->x_zero != 0 && taps < p->k_h * p->k_w;
                for (int32_t o = 0; o < fours; o += 4) {
                    int32_t acc[4] = {bias[o], bias[o + 1], bias[o + 2], bias[o + 3]};
                    if (padded) {
                        bc_dwconv2d_s8_c_pad(p, &at, w, o, 4, acc);
                    }
                    bc_dwconv2d_s8_c_inside(p, &at, w, o, 4, acc);
                    y[o] = bc_dwconv2d_s8_c_out(p, acc[0], mult, o);
                    y[o + 1] = bc_dwconv2d_s8_c_out(p, acc[1], mult, o + 1);
                    y[o + 2] = bc_dwconv2d_s8_c_out(p, acc[2], mult, o + 2);
                    y[o + 3] = bc_dwconv2d_s8_c_out(p, acc[3], mult, o + 3);
                }
                for (int32_t o = fours; o < p->out_c; ++o) {
                    int32_t acc[4] = {bias[o], 0, 0, 0};
                    if (padded) {
                        bc_dwconv2d_s8_c_pad(p, &at, w, o, 1, acc);
                    }
                    bc_dwconv2d_s8_c_inside(p, &at, w, o, 1, acc);
                    y[o] = bc_dwconv2d_s8_c_out(p, acc[0], mult, o);
                }
                y += p->out_c;
            }
        }
        x += p->in_h * p->in_w * p->in_c;
    }
}

#endif
