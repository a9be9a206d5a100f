/* SPDX-License-Identifier: 0BSD */
/*
 * dwconv2d for AArch64 with dot products, int8: 3x3 windows, strides of 1 or 2, no dilation, one output a channel,
 * eight channels or more, a column of padding on either side at most. bc_dwconv2d_row_dotprod.h says how, and what w
 * and channels are.
 *
 * Call: bc_dwconv2d_s8_k3x3_dotprod(p, x, w, channels, y, scratch). scratch: in_c bytes for a pixel of padding.
 */
#ifndef BC_DWCONV2D_S8_K3X3_DOTPROD_H
#define BC_DWCONV2D_S8_K3X3_DOTPROD_H

#include "barecast/bc_bytes_neon.h"
#include "barecast/bc_dwconv2d_row_dotprod.h"
#include "barecast/dwconv2d.h"

static BC_KERNEL void bc_dwconv2d_s8_k3x3_dotprod(
    const bc_dwconv2d_params *p, const int8_t *x, const int8_t *w, const int32_t *channels, int8_t *y, void *scratch)
{
    const int32_t mode = bc_neon_mode(p->shift, p->ties), together = p->stride_h == 1 ? 2 : 1;
    const int32_t tail = (p->out_w - 1) * p->stride_w + 2 - p->pad_left >= p->in_w;
    int8_t *const padding = (int8_t *)scratch;
    bc_neon_fill(padding, p->x_zero, p->in_c);
    bc_dotprod_row row;
    row.y_step = p->out_c;
    row.results = p->out_w - tail;
    row.tail = tail;
    row.pad = p->pad_left;
    row.last = p->in_c - BC_NEON_BLOCK;
    row.w = w;
    row.channels = channels;
    row.right = 31 - p->shift;
    row.x_zero = p->x_zero;
    row.zero = p->y_zero;
    row.low = p->y_min;
    row.high = p->y_max;
    for (int32_t n = 0; n < p->batch; ++n) {
        for (int32_t i = 0; i < p->out_h; i += together) {
            for (int32_t k = 0; k < 4; ++k) {
                const int32_t at = i * p->stride_h - p->pad_top + k;
                const int32_t inside = at >= 0 && at < p->in_h;
                row.line[k] = inside ? x + at * p->in_w * p->in_c : padding;
                row.step[k] = inside ? p->in_c : 0;
            }
            row.y[0] = y;
            row.y[1] = i + 1 < p->out_h ? y + p->out_w * p->out_c : y;
            bc_dotprod_go(&row, p->stride_h, mode);
            y += together * p->out_w * p->out_c;
        }
        x += p->in_h * p->in_w * p->in_c;
        if (p->out_h % together) {
            y -= p->out_w * p->out_c;
        }
    }
}

#endif
