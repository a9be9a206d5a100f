/* SPDX-License-Identifier: 0BSD */
/*
 * The drive of the conv2d kernels for Helium: two pixels by four channels at a time, group by group. The windows of
 * both pixels are gathered in scratch, unless a window is one pixel of x.
 *
 * w and channels as in bc_mve.h, each group in whole quads, depth = k_h * k_w * in_c / groups; a chunk is 16 bytes of a
 * window. scratch: two windows in whole chunks, none for 1x1 without padding and a group's channels of whole chunks.
 * Numbers have one or two bytes; those of two have x_zero 0.
 */
#ifndef BC_CONV2D_MVE_H
#define BC_CONV2D_MVE_H

#include "barecast/bc_bytes_mve.h"
#include "barecast/bc_mve.h"
#include "barecast/bc_window.h"
#include "barecast/conv2d.h"

/* A window that lies wholly on x, from its first tap on, without dilation along rows unless it is one of a group. */
static BC_INLINE void bc_conv2d_mve_inside(
    const bc_conv2d_params *p, const int8_t *from, int32_t bytes, int8_t *to)
{
    const int32_t pixel = p->in_c * bytes, depth = pixel / p->groups;
    const int32_t step = p->dilation_h * p->in_w * pixel, size = p->k_w * depth;
    if (p->groups > 1 && depth <= 16) {
        for (int32_t r = 0; r < p->k_h; ++r, from += step, to += size) {
            bc_mve_copy_rows(to, from, depth, p->dilation_w * pixel, p->k_w);
        }
    } else if (p->groups > 1) {
        for (int32_t r = 0; r < p->k_h; ++r, from += step) {
            for (int32_t s = 0; s < p->k_w; ++s, to += depth) {
                bc_mve_copy(to, from + s * p->dilation_w * pixel, depth);
            }
        }
    } else if (size <= 16) {
        bc_mve_copy_rows(to, from, size, step, p->k_h);
    } else if (size == 32) {
        bc_mve_copy_rows_32(to, from, step, p->k_h);
    } else if (size == 48) {
        bc_mve_copy_rows_48(to, from, step, p->k_h);
    } else if (size == 64) {
        bc_mve_copy_rows_64(to, from, step, p->k_h);
    } else {
        for (int32_t r = 0; r < p->k_h; ++r, from += step, to += size) {
            bc_mve_copy(to, from, size);
        }
    }
}

/* Any window: tap (0, 0) is at (row, column), which may be on padding. In the order of the weights. */
static BC_INLINE void bc_conv2d_mve_border(
    const bc_conv2d_params *p, const int8_t *x, int32_t row, int32_t column, int32_t bytes, int8_t *to)
{
    const int32_t first_w = bc_first_tap(column, p->dilation_w, p->k_w);
    const int32_t end_w = bc_end_tap(column, p->in_w, p->dilation_w, p->k_w);
    const int32_t pixel = p->in_c * bytes, depth = pixel / p->groups, size = p->k_w * depth;
    bc_mve_fill(to, bytes == 1 ? p->x_zero : 0, p->k_h * size);
    for (int32_t r = 0; r < p->k_h; ++r, row += p->dilation_h, to += size) {
        if (row < 0 || row >= p->in_h) {
            continue;
        }
        const int32_t start = row * p->in_w + column;
        if (p->dilation_w == 1 && p->groups == 1) {
            bc_mve_copy(to + first_w * pixel, x + (start + first_w) * pixel, (end_w - first_w) * pixel);
        } else {
            for (int32_t s = first_w; s < end_w; ++s) {
                bc_mve_copy(to + s * depth, x + (start + s * p->dilation_w) * pixel, depth);
            }
        }
    }
}

/* One group: x and y point to its first channels. end: behind all of x. */
static BC_INLINE void bc_conv2d_mve_group(
    const bc_conv2d_params *p, const int8_t *x, const int8_t *end, const int8_t *w, const int32_t *channels, int8_t *y,
    int8_t *gathered, int32_t bytes, int32_t mode)
{
    const int32_t x_step = p->in_c * bytes, y_step = p->out_c * bytes, depth = x_step / p->groups;
    const int32_t chunks = (p->k_h * p->k_w * depth + 15) / 16;
    const int32_t padded = p->pad_top | p->pad_bottom | p->pad_left | p->pad_right;
    const int32_t whole = p->k_h * p->k_w == 1 && !padded;
    const int32_t last_h = (p->k_h - 1) * p->dilation_h, last_w = (p->k_w - 1) * p->dilation_w;
    const bc_mve_layer l = {w,         channels, chunks - 1, p->out_c / p->groups, 32 - p->shift,
                            p->y_zero, p->y_min, p->y_max,   p->shift,             p->ties};
    const int8_t *waiting = (const int8_t *)0;
    for (int32_t n = 0; n < p->batch; ++n) {
        for (int32_t i = 0; i < p->out_h; ++i) {
            const int32_t row = i * p->stride_h - p->pad_top;
            const int32_t rows_inside = !padded || (row >= 0 && row + last_h < p->in_h);
            for (int32_t j = 0; j < p->out_w; ++j) {
                const int32_t column = j * p->stride_w - p->pad_left;
                const int32_t inside = !padded || (rows_inside && column >= 0 && column + last_w < p->in_w);
                const int8_t *window = inside ? x + (row * p->in_w + column) * x_step : x;
                /* A chunk may read what is behind the pixel, where the weights are 0, but not behind x. */
                if (!whole || (depth % 16 != 0 && end - window < 16 * chunks)) {
                    int8_t *const to = gathered + (waiting ? 16 * chunks : 0);
                    if (inside && (p->dilation_w == 1 || p->groups > 1)) {
                        bc_conv2d_mve_inside(p, window, bytes, to);
                    } else {
                        bc_conv2d_mve_border(p, x, row, column, bytes, to);
                    }
                    window = to;
                }
                if (!waiting) {
                    waiting = window;
                } else {
                    bc_mve_two(&l, mode, waiting, window, y, y + y_step);
                    waiting = (const int8_t *)0;
                    y += 2 * y_step;
                }
            }
        }
        x += p->in_h * p->in_w * x_step;
    }
    if (waiting) {
        bc_mve_one(&l, mode, waiting, y);
    }
}

/* x and y as bytes; bytes: of a number; mode: bc_mve.h. */
static BC_INLINE void bc_conv2d_mve(
    const bc_conv2d_params *p, const int8_t *x, const int8_t *w, const int32_t *channels, int8_t *y, int8_t *gathered,
    int32_t bytes, int32_t mode)
{
    const int32_t depth = p->in_c * bytes / p->groups, outputs = p->out_c / p->groups, quads = (outputs + 3) / 4;
    const int32_t quad = p->ties < BC_TIES_TFLITE ? 8 : mode == BC_MVE_LONG_S16 ? 16 : 12;
    /* A quad's weights have one byte a number of x. */
    const int32_t chunk = 64 / bytes;
    const int8_t *const end = x + p->batch * p->in_h * p->in_w * p->in_c * bytes;
    for (int32_t g = 0; g < p->groups; ++g) {
        bc_conv2d_mve_group(p, x + g * depth, end, w + g * quads * chunk * ((p->k_h * p->k_w * depth + 15) / 16),
                            channels + g * quads * quad, y + g * outputs * bytes, gathered, bytes, mode);
    }
}

#endif
