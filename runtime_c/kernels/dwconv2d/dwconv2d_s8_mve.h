/* SPDX-License-Identifier: 0BSD */
/*
 * dwconv2d for Helium, int8, any window, dilation, strides and multiplier: see bc_sweep_mve.h.
 *
 * Walks go along rows, or down where rows are shorter than 4 and columns longer. With a multiplier m, outputs 0, m, 2m,
 * ... are a depthwise convolution with one output a channel, so are 1, m + 1, ...; all of them share the lines in t.
 *
 * Call: bc_dwconv2d_s8_mve(p, x, w, channels, y, scratch). w as in bc_sweep_mve.h and channels as in bc_mve.h, for
 * outputs 0, m, 2m, ... first, filled up to whole fours, then for 1, m + 1, ...; scratch: 16 bytes for each gather, 64
 * for each position of each group of lines, and 16 more, at a multiple of 4. Positions: ((walk's outputs, made even) -
 * 1) * stride + (taps - 1) * dilation + 1.
 */
#ifndef BC_DWCONV2D_S8_MVE_H
#define BC_DWCONV2D_S8_MVE_H

#include "barecast/bc_bytes_mve.h"
#include "barecast/bc_sweep_mve.h"
#include "barecast/dwconv2d.h"

/* One axis of the images and of the window: extents, and the bytes from one element to the next. */
typedef struct {
    int32_t in, out, taps, stride, dilation, pad;
    int32_t x_step, y_step;
} bc_dwconv2d_s8_mve_axis;

static BC_KERNEL void bc_dwconv2d_s8_mve(
    const bc_dwconv2d_params *p, const int8_t *x, const int8_t *w, const int32_t *channels, int8_t *y, void *scratch)
{
    const int32_t mode = bc_mve_mode(p->shift, p->ties), c = p->in_c;
    const int32_t quad = mode == BC_MVE_HIGH ? 8 : 12, quads = (c + 3) / 4;
    const bc_dwconv2d_s8_mve_axis down = {p->in_h,       p->out_h,   p->k_h,      p->stride_h,
                                          p->dilation_h, p->pad_top, p->in_w * c, p->out_w * p->out_c};
    const bc_dwconv2d_s8_mve_axis along = {p->in_w,       p->out_w,    p->k_w, p->stride_w,
                                           p->dilation_w, p->pad_left, c,      p->out_c};
    const int32_t walks_down = p->out_w < 4 && p->out_h > p->out_w;
    const bc_dwconv2d_s8_mve_axis walk = walks_down ? down : along;
    const bc_dwconv2d_s8_mve_axis cross = walks_down ? along : down;
    const int32_t positions = ((walk.out + 1) / 2 * 2 - 1) * walk.stride + (walk.taps - 1) * walk.dilation + 1;
    const int32_t groups = (cross.taps + 3) / 4;
    /* Words of a window: whole groups have one for each tap. */
    const int32_t last = bc_mve_group_rows(cross.taps, groups - 1);
    const int32_t gathers = ((groups - 1) * walk.taps + (walk.taps * last + 3) / 4 + 3) / 4;
    int32_t *const offsets = (int32_t *)scratch;
    int8_t *const t = (int8_t *)(offsets + 4 * gathers);
    int8_t *const padding = t + 64 * positions * groups;
    bc_mve_word_offsets(offsets, cross.taps, walk.taps, walk.dilation, 64 * positions);
    bc_mve_fill(padding, p->x_zero, 16);
    for (int32_t n = 0; n < p->batch; ++n) {
        for (int32_t line = 0; line < cross.out; ++line) {
            for (int32_t first = 0; first < c; first += 16) {
                const int32_t count = c - first < 16 ? c - first : 16;
                for (int32_t g = 0; g < groups; ++g) {
                    const int32_t rows = bc_mve_group_rows(cross.taps, g);
                    bc_mve_group group;
                    for (int32_t k = 0; k < 4; ++k) {
                        const int32_t row = 4 * g + k % rows;
                        const int32_t at = line * cross.stride - cross.pad + row * cross.dilation;
                        const int32_t inside = row < cross.taps && at >= 0 && at < cross.in;
                        group.from[k] = inside ? x + at * cross.x_step + first : (const int8_t *)0;
                        group.before[k] = walk.pad - k / rows * walk.dilation;
                    }
                    bc_mve_turn_group(&group, walk.in, walk.x_step, t + 64 * positions * g, positions, count, padding);
                }
                for (int32_t m = 0; m < p->depth_multiplier; ++m) {
                    const int32_t before = quads * m + first / 4;
                    bc_mve_sweep go = {offsets,
                                       gathers - 1,
                                       w + 64 * gathers * before,
                                       channels + quad * before,
                                       t,
                                       y + line * cross.y_step + first * p->depth_multiplier + m,
                                       walk.out,
                                       count,
                                       32 - p->shift,
                                       p->y_zero,
                                       p->y_min,
                                       p->y_max,
                                       walk.y_step,
                                       64 * walk.stride,
                                       p->depth_multiplier,
                                       4 * quad,
                                       (int8_t *)0,
                                       0,
                                       {0, 0, 0, 0}};
                    bc_mve_sweep_go(&go, mode);
                }
            }
        }
        x += p->in_h * p->in_w * c;
        y += p->out_h * p->out_w * p->out_c;
    }
}

#endif
