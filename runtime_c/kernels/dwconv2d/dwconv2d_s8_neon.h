/* SPDX-License-Identifier: 0BSD */
/*
 * dwconv2d with NEON, int8, one output a channel, eight channels or more: bc_dwconv2d_neon.h says what w and channels
 * are. For AArch64 and Armv7-A.
 *
 * 3x3 windows go by rows (bc_dwconv2d_row_neon.h) unless strides or padding are larger, all others by pixels, through a
 * list of where their taps lie.
 *
 * Call: bc_dwconv2d_s8_neon(p, x, w, channels, y, scratch). scratch: by rows, in_w * in_c bytes for a line on padding;
 * by pixels a pointer for each tap and in_c bytes for a pixel on padding; at a multiple of 8.
 */
#ifndef BC_DWCONV2D_S8_NEON_H
#define BC_DWCONV2D_S8_NEON_H

#include "barecast/bc_bytes_neon.h"
#include "barecast/bc_dwconv2d_row_neon.h"
#include "barecast/dwconv2d.h"

static BC_INLINE int32_t bc_dwconv2d_s8_neon_by_rows(const bc_dwconv2d_params *p)
{
    const int32_t beyond = (p->out_w - 1) * p->stride_w + 3 - p->pad_left - p->in_w;
    return p->k_h == 3 && p->k_w == 3 && p->dilation_h == 1 && p->dilation_w == 1 && p->stride_w <= 2 &&
           p->pad_left <= 1 && beyond <= 1;
}

static BC_INLINE void bc_dwconv2d_s8_neon_rows(
    const bc_dwconv2d_params *p, const bc_dwneon_layer *l, const int8_t *x, int8_t *y, int8_t *padding, int32_t mode)
{
    const int32_t line = p->in_w * p->in_c;
    bc_dwneon_row row;
    row.pixel = p->in_c;
    row.tail = (p->out_w - 1) * p->stride_w + 2 - p->pad_left >= p->in_w;
    row.results = p->out_w - row.tail;
    row.pad = p->pad_left;
    row.x_zero = p->x_zero;
    bc_neon_fill(padding, p->x_zero, line);
    for (int32_t n = 0; n < p->batch; ++n, x += p->in_h * line) {
        for (int32_t i = 0; i < p->out_h; ++i, y += p->out_w * p->in_c) {
            for (int32_t r = 0; r < 3; ++r) {
                const int32_t at = i * p->stride_h - p->pad_top + r;
                row.line[r] = at >= 0 && at < p->in_h ? x + at * line : padding;
            }
            row.y = y;
            bc_dwneon_row_go(l, &row, p->stride_w, mode);
        }
    }
}

static BC_INLINE void bc_dwconv2d_s8_neon_pixels(
    const bc_dwconv2d_params *p, const bc_dwneon_layer *l, const int8_t *x, int8_t *y, void *scratch, int32_t mode)
{
    const int8_t **const taps = (const int8_t **)scratch;
    int8_t *const padding = (int8_t *)(taps + p->k_h * p->k_w);
    bc_neon_fill(padding, p->x_zero, p->in_c);
    for (int32_t n = 0; n < p->batch; ++n, x += p->in_h * p->in_w * p->in_c) {
        for (int32_t i = 0; i < p->out_h; ++i) {
            for (int32_t j = 0; j < p->out_w; ++j, y += p->in_c) {
                const int8_t **tap = taps;
                for (int32_t r = 0; r < p->k_h; ++r) {
                    const int32_t at = i * p->stride_h - p->pad_top + r * p->dilation_h;
                    int32_t column = j * p->stride_w - p->pad_left;
                    for (int32_t s = 0; s < p->k_w; ++s, column += p->dilation_w) {
                        const int32_t inside = at >= 0 && at < p->in_h && column >= 0 && column < p->in_w;
                        *tap++ = inside ? x + (at * p->in_w + column) * p->in_c : padding;
                    }
                }
                bc_dwneon_go(l, taps, y, mode);
            }
        }
    }
}

static BC_KERNEL void bc_dwconv2d_s8_neon(
    const bc_dwconv2d_params *p, const int8_t *x, const int8_t *w, const int32_t *channels, int8_t *y, void *scratch)
{
    const int32_t mode = bc_dwneon_mode(p->ties);
    const bc_dwneon_layer l = {w,           channels,  p->in_c - BC_DWNEON_BLOCK, p->k_h * p->k_w, 31 - p->shift,
                               p->y_zero, p->y_min, p->y_max};
    if (bc_dwconv2d_s8_neon_by_rows(p)) {
        bc_dwconv2d_s8_neon_rows(p, &l, x, y, (int8_t *)scratch, mode);
    } else {
        bc_dwconv2d_s8_neon_pixels(p, &l, x, y, scratch, mode);
    }
}

#endif
