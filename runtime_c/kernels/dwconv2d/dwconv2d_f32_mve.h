/* SPDX-License-Identifier: 0BSD */
/*
 * dwconv2d for Helium, float32, one output a channel: four channels of up to four neighbours in a row at a time.
 *
 * Neighbours share the weights of a line and, where their windows overlap, what is loaded of x. This takes windows of
 * up to three columns without dilation, with a stride of 1 or 2; others, and the channels beyond the last four, go
 * pixel by pixel. Padding is left out.
 */
#ifndef BC_DWCONV2D_F32_MVE_H
#define BC_DWCONV2D_F32_MVE_H

#include "barecast/bc_f32_mve.h"
#include "barecast/bc_window.h"
#include "barecast/dwconv2d.h"

#define BC_DWCONV2D_F32_MVE_PIXELS 4

/* One line's products with the windows of four neighbours that start at column: those columns count that exist. */
static BC_INLINE void bc_dwconv2d_f32_mve_line(
    const bc_dwconv2d_params *p, float32x4_t acc[BC_DWCONV2D_F32_MVE_PIXELS], const float *x, const float *w,
    int32_t column, int32_t inside)
{
    const int32_t columns = (BC_DWCONV2D_F32_MVE_PIXELS - 1) * p->stride_w + p->k_w;
    float32x4_t tap[3];
    for (int32_t s = 0; s < 3; ++s) {
        tap[s] = vldrwq_f32(w + (s < p->k_w ? s : 0) * p->out_c);
    }
#pragma GCC unroll 9
    for (int32_t i = 0; i < columns; ++i) {
        if (inside || (uint32_t)(column + i) < (uint32_t)p->in_w) {
            const float32x4_t four = vldrwq_f32(x + i * p->in_c);
#pragma GCC unroll 4
            for (int32_t q = 0; q < BC_DWCONV2D_F32_MVE_PIXELS; ++q) {
                const int32_t s = i - q * p->stride_w;
                if (s >= 0 && s < p->k_w) {
                    acc[q] = vfmaq_f32(acc[q], four, tap[s]);
                }
            }
        }
    }
}

/* Four channels of the `count` (1 to 4) neighbours whose windows start at (row, column). */
static BC_INLINE void bc_dwconv2d_f32_mve_neighbours(
    const bc_dwconv2d_params *p, const float *x, const float *w, float32x4_t bias, float *y, int32_t row,
    int32_t column, int32_t first_h, int32_t end_h, int32_t count, int32_t inside)
{
    float32x4_t acc[BC_DWCONV2D_F32_MVE_PIXELS] = {bias, bias, bias, bias};
    for (int32_t r = first_h; r < end_h; ++r) {
        bc_dwconv2d_f32_mve_line(p, acc, x + ((row + r * p->dilation_h) * p->in_w + column) * p->in_c,
                                 w + r * p->k_w * p->out_c, column, inside);
    }
#pragma GCC unroll 4
    for (int32_t q = 0; q < BC_DWCONV2D_F32_MVE_PIXELS; ++q) {
        if (q < count) {
            vstrwq_f32(y + q * p->out_c, bc_mve_f32_clamp(acc[q], p->y_min_f, p->y_max_f));
        }
    }
}

/* Up to four channels of one pixel. */
static BC_INLINE void bc_dwconv2d_f32_mve_pixel(
    const bc_dwconv2d_params *p, const float *x, const float *w, const float *bias, float *y, int32_t row,
    int32_t column, int32_t first_h, int32_t end_h, mve_pred16_t some)
{
    const int32_t padded_w = p->pad_left | p->pad_right;
    const int32_t first_w = padded_w ? bc_first_tap(column, p->dilation_w, p->k_w) : 0;
    const int32_t end_w = padded_w ? bc_end_tap(column, p->in_w, p->dilation_w, p->k_w) : p->k_w;
    float32x4_t acc = vldrwq_z_f32(bias, some);
    for (int32_t r = first_h; r < end_h; ++r) {
        for (int32_t s = first_w; s < end_w; ++s) {
            const int32_t at = (row + r * p->dilation_h) * p->in_w + column + s * p->dilation_w;
            acc = vfmaq_f32(acc, vldrwq_z_f32(x + at * p->in_c, some),
                            vldrwq_z_f32(w + (r * p->k_w + s) * p->out_c, some));
        }
    }
    vstrwq_p_f32(y, bc_mve_f32_clamp(acc, p->y_min_f, p->y_max_f), some);
}

static BC_KERNEL void bc_dwconv2d_f32_mve(
    const bc_dwconv2d_params *p, const float *x, const float *w, const float *bias, float *y)
{
    const int32_t padded_h = p->pad_top | p->pad_bottom;
    const int32_t shared = p->k_w <= 3 && p->stride_w <= 2 && p->dilation_w == 1;
    const int32_t fours = shared ? p->out_c / 4 * 4 : 0;
    const int32_t columns = (BC_DWCONV2D_F32_MVE_PIXELS - 1) * p->stride_w + p->k_w;
    for (int32_t n = 0; n < p->batch; ++n) {
        for (int32_t i = 0; i < p->out_h; ++i) {
            const int32_t row = i * p->stride_h - p->pad_top;
            const int32_t first_h = padded_h ? bc_first_tap(row, p->dilation_h, p->k_h) : 0;
            const int32_t end_h = padded_h ? bc_end_tap(row, p->in_h, p->dilation_h, p->k_h) : p->k_h;
            for (int32_t j = 0; j < p->out_w; j += BC_DWCONV2D_F32_MVE_PIXELS) {
                const int32_t left = p->out_w - j, column = j * p->stride_w - p->pad_left;
                const int32_t count = left < BC_DWCONV2D_F32_MVE_PIXELS ? left : BC_DWCONV2D_F32_MVE_PIXELS;
                const int32_t inside = column >= 0 && column + columns <= p->in_w;
                for (int32_t c = 0; c < fours; c += 4) {
                    const float32x4_t begin = vldrwq_f32(bias + c);
                    if (inside && count == BC_DWCONV2D_F32_MVE_PIXELS) {
                        bc_dwconv2d_f32_mve_neighbours(p, x + c, w + c, begin, y + c, row, column, first_h, end_h,
                                                       BC_DWCONV2D_F32_MVE_PIXELS, 1);
                    } else {
                        bc_dwconv2d_f32_mve_neighbours(p, x + c, w + c, begin, y + c, row, column, first_h, end_h,
                                                       count, 0);
                    }
                }
                for (int32_t c = fours; c < p->out_c; c += 4) {
                    for (int32_t q = 0; q < count; ++q) {
                        bc_dwconv2d_f32_mve_pixel(p, x + c, w + c, bias + c, y + q * p->out_c + c, row,
                                                  column + q * p->stride_w, first_h, end_h,
                                                  vctp32q((uint32_t)(p->out_c - c)));
                    }
                }
                y += count * p->out_c;
            }
        }
        x += p->in_h * p->in_w * p->in_c;
    }
}

#endif
