/* SPDX-License-Identifier: 0BSD */
/*
 * conv2d for Helium, float32, groups == 1: one pixel by 16, 8 or 4 channels at a time, padding left out.
 * Call: bc_conv2d_f32_mve(p, x, w, bias, y), w in tiles as in bc_f32_mve.h, depth = k_h * k_w * in_c.
 */
#ifndef BC_CONV2D_F32_MVE_H
#define BC_CONV2D_F32_MVE_H

#include "barecast/bc_f32_mve.h"
#include "barecast/bc_window.h"
#include "barecast/conv2d.h"

/* What the outputs of one pixel share. Taps outside of [first, end) lie on padding. */
typedef struct {
    const float *x;
    int32_t row, column;
    int32_t first_h, end_h, first_w, end_w;
} bc_conv2d_f32_mve_window;

static BC_INLINE void bc_conv2d_f32_mve_tile(
    const bc_conv2d_params *p, const bc_conv2d_f32_mve_window *at, const float *w, const float *bias, float *y,
    int32_t o, int32_t quads)
{
    const int32_t depth = p->k_h * p->k_w * p->in_c, width = 4 * quads;
    float32x4_t acc[4];
    bc_mve_f32_begin(acc, bias + o, quads, p->out_c - o);
    for (int32_t r = at->first_h; r < at->end_h; ++r) {
        const int32_t start = (at->row + r * p->dilation_h) * p->in_w + at->column;
        const float *w_row = w + o * depth + r * p->k_w * p->in_c * width;
        if (p->dilation_w == 1) {
            bc_mve_fma(acc, at->x + (start + at->first_w) * p->in_c, w_row + at->first_w * p->in_c * width, quads,
                       (at->end_w - at->first_w) * p->in_c);
        } else {
            for (int32_t s = at->first_w; s < at->end_w; ++s) {
                bc_mve_fma(acc, at->x + (start + s * p->dilation_w) * p->in_c, w_row + s * p->in_c * width, quads,
                           p->in_c);
            }
        }
    }
    bc_mve_f32_end(y + o, acc, quads, p->out_c - o, p->y_min_f, p->y_max_f);
}

static BC_KERNEL void bc_conv2d_f32_mve(
    const bc_conv2d_params *p, const float *x, const float *w, const float *bias, float *y)
{
    const int32_t padded_h = p->pad_top | p->pad_bottom, padded_w = p->pad_left | p->pad_right;
    for (int32_t n = 0; n < p->batch; ++n) {
        for (int32_t i = 0; i < p->out_h; ++i) {
            for (int32_t j = 0; j < p->out_w; ++j) {
                const int32_t row = i * p->stride_h - p->pad_top, column = j * p->stride_w - p->pad_left;
                const bc_conv2d_f32_mve_window at = {
                    x,
                    row,
                    column,
                    padded_h ? bc_first_tap(row, p->dilation_h, p->k_h) : 0,
                    padded_h ? bc_end_tap(row, p->in_h, p->dilation_h, p->k_h) : p->k_h,
                    padded_w ? bc_first_tap(column, p->dilation_w, p->k_w) : 0,
                    padded_w ? bc_end_tap(column, p->in_w, p->dilation_w, p->k_w) : p->k_w,
                };
                int32_t o = 0;
                for (; bc_mve_f32_quads(o, p->out_c) == 4; o += 16) {
                    bc_conv2d_f32_mve_tile(p, &at, w, bias, y, o, 4);
                }
                if (o < p->out_c && bc_mve_f32_quads(o, p->out_c) == 2) {
                    bc_conv2d_f32_mve_tile(p, &at, w, bias, y, o, 2);
                    o += 8;
                }
                if (o < p->out_c) {
                    bc_conv2d_f32_mve_tile(p, &at, w, bias, y, o, 1);
                }
                y += p->out_c;
            }
        }
        x += p->in_h * p->in_w * p->in_c;
    }
}

#endif
