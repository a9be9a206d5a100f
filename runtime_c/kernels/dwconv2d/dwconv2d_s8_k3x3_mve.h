/* SPDX-License-Identifier: 0BSD */
/*
 * dwconv2d for Helium, int8, windows up to 3 x 3, no dilation, any strides, one output a channel: see bc_walk_mve.h.
 *
 * Walks go along rows, or down where rows are shorter than 4 and columns longer.
 *
 * Call: bc_dwconv2d_s8_k3x3_mve(p, x, w, channels, y, scratch). w and channels as in bc_walk_mve.h, positions along the
 * walk; scratch: 64 bytes for each of ((walk's outputs, made even) - 1) * stride + 4 positions, and 16 more, at a
 * multiple of 4.
 */
#ifndef BC_DWCONV2D_S8_K3X3_MVE_H
#define BC_DWCONV2D_S8_K3X3_MVE_H

#include "barecast/bc_bytes_mve.h"
#include "barecast/bc_walk_mve.h"
#include "barecast/dwconv2d.h"

/* One axis of the images: extents, and the bytes from one element to the next. */
typedef struct {
    int32_t in, out, stride, pad;
    int32_t x_step, y_step;
} bc_dwconv2d_s8_k3x3_mve_axis;

static BC_KERNEL void bc_dwconv2d_s8_k3x3_mve(
    const bc_dwconv2d_params *p, const int8_t *x, const int8_t *w, const int32_t *channels, int8_t *y, void *scratch)
{
    const int32_t mode = bc_mve_mode(p->shift, p->ties), c = p->in_c;
    const int32_t quad = mode == BC_MVE_HIGH ? 8 : 12;
    const bc_dwconv2d_s8_k3x3_mve_axis down = {p->in_h, p->out_h, p->stride_h, p->pad_top, p->in_w * c, p->out_w * c};
    const bc_dwconv2d_s8_k3x3_mve_axis along = {p->in_w, p->out_w, p->stride_w, p->pad_left, c, c};
    const int32_t walks_down = p->out_w < 4 && p->out_h > p->out_w;
    const bc_dwconv2d_s8_k3x3_mve_axis walk = walks_down ? down : along;
    const bc_dwconv2d_s8_k3x3_mve_axis cross = walks_down ? along : down;
    const int32_t positions = ((walk.out + 1) / 2 * 2 - 1) * walk.stride + 4;
    const int32_t known = walk.in < positions - walk.pad ? walk.in : positions - walk.pad;
    const int32_t lines = cross.stride == 1 ? 2 : 1;
    int8_t *const t = (int8_t *)scratch;
    const int8_t *const padding = t + 64 * positions;
    bc_mve_fill(t, p->x_zero, 64 * positions + 16);
    for (int32_t n = 0; n < p->batch; ++n) {
        for (int32_t line = 0; line < cross.out; line += lines) {
            for (int32_t first = 0; first < c; first += 16) {
                const int32_t count = c - first < 16 ? c - first : 16;
                bc_mve_lines from;
                for (int32_t k = 0; k < 4; ++k) {
                    const int32_t at = line * cross.stride - cross.pad + k;
                    const int32_t inside = at >= 0 && at < cross.in;
                    from.from[k] = inside ? x + at * cross.x_step + first : padding;
                    from.step[k] = inside ? walk.x_step : 0;
                }
                if (known > 0) {
                    bc_mve_turn(&from, t + 64 * walk.pad, known, count);
                }
                for (int32_t k = 0; k < lines && line + k < cross.out; ++k) {
                    bc_mve_walk go = {w + 16 * first + 1 - k, channels + first / 4 * quad, t,
                                      y + (line + k) * cross.y_step + first, walk.out, walk.y_step, 64 * walk.stride,
                                      count, 32 - p->shift, p->y_zero, p->y_min, p->y_max};
                    bc_mve_go(&go, mode, p->y_min, p->y_max);
                }
            }
        }
        x += p->in_h * p->in_w * c;
        y += p->out_h * p->out_w * c;
    }
}

#endif
