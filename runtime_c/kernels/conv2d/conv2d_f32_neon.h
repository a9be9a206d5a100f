/* SPDX-License-Identifier: 0BSD */
/*
 * conv2d with NEON, float32, groups == 1.
 * Call: bc_conv2d_f32_neon(p, x, w, bias, y, scratch), w in the tiles of bc_tile_f32_neon.h, bias in whole fours.
 *
 * Windows are read where they lie, row by row: on x, or with padding in a band, lines of the image that are copied to
 * scratch with their padding. Those with their columns apart are gathered in scratch.
 */
#ifndef BC_CONV2D_F32_NEON_H
#define BC_CONV2D_F32_NEON_H

#include "barecast/bc_f32_neon.h"
#include "barecast/bc_floats_neon.h"
#include "barecast/bc_window.h"
#include "barecast/conv2d.h"

/* Bytes of a band, unless a row of outputs needs more, and of windows that are gathered together, or four of them. */
#define BC_CONV2D_F32_NEON_BYTES 16384

static BC_INLINE int32_t bc_conv2d_f32_neon_padded(const bc_conv2d_params *p)
{
    return (p->pad_top | p->pad_bottom | p->pad_left | p->pad_right) != 0;
}

static BC_INLINE int32_t bc_conv2d_f32_neon_pointwise(const bc_conv2d_params *p)
{
    return p->k_h == 1 && p->k_w == 1 && !bc_conv2d_f32_neon_padded(p);
}

/* Whether windows are read row by row where they lie. */
static BC_INLINE int32_t bc_conv2d_f32_neon_by_rows(const bc_conv2d_params *p)
{
    return p->dilation_w == 1 || p->k_w == 1;
}

/* Windows that are gathered together. */
static BC_INLINE int32_t bc_conv2d_f32_neon_together(const bc_conv2d_params *p)
{
    const int32_t fours = BC_CONV2D_F32_NEON_BYTES / (16 * p->k_h * p->k_w * p->in_c);
    return fours < 1 ? 4 : fours < BC_F32_NEON_TOGETHER / 4 ? 4 * fours : BC_F32_NEON_TOGETHER;
}

/* Numbers in a line of a band. */
static BC_INLINE int32_t bc_conv2d_f32_neon_line(const bc_conv2d_params *p)
{
    return (p->pad_left + p->in_w + p->pad_right) * p->in_c;
}

/* Rows of outputs whose windows a band has. */
static BC_INLINE int32_t bc_conv2d_f32_neon_band(const bc_conv2d_params *p)
{
    const int32_t lines = BC_CONV2D_F32_NEON_BYTES / 4 / bc_conv2d_f32_neon_line(p);
    const int32_t window = (p->k_h - 1) * p->dilation_h + 1;
    const int32_t rows = lines > window ? (lines - window) / p->stride_h + 1 : 1;
    return rows < p->out_h ? rows : p->out_h;
}

/* The window that starts at (row, column), as one line. */
BC_F32_NEON_SHARED void bc_conv2d_f32_neon_gather(
    const bc_conv2d_params *p, float *to, const float *x, int32_t row, int32_t column)
{
    for (int32_t r = 0; r < p->k_h; ++r) {
        const int32_t line = row + r * p->dilation_h;
        for (int32_t s = 0; s < p->k_w; ++s) {
            const int32_t at = column + s * p->dilation_w;
            if (line >= 0 && line < p->in_h && at >= 0 && at < p->in_w) {
                to = bc_f32_neon_copy(to, x + (line * p->in_w + at) * p->in_c, p->in_c);
            } else {
                to = bc_f32_neon_zeros(to, p->in_c);
            }
        }
    }
}

/* The lines of x from `first` on, as many as `rows` rows of outputs need, with their padding. */
BC_F32_NEON_SHARED void bc_conv2d_f32_neon_fill(
    const bc_conv2d_params *p, float *to, const float *x, int32_t first, int32_t rows)
{
    const int32_t lines = (rows - 1) * p->stride_h + (p->k_h - 1) * p->dilation_h + 1;
    for (int32_t line = first; line < first + lines; ++line) {
        if (line < 0 || line >= p->in_h) {
            to = bc_f32_neon_zeros(to, bc_conv2d_f32_neon_line(p));
        } else {
            to = bc_f32_neon_zeros(to, p->pad_left * p->in_c);
            to = bc_f32_neon_copy(to, x + line * p->in_w * p->in_c, p->in_w * p->in_c);
            to = bc_f32_neon_zeros(to, p->pad_right * p->in_c);
        }
    }
}

/* `rows` rows of outputs; x: the window of the first one; row, pixel: numbers from one row and pixel to the next. */
BC_F32_NEON_SHARED void bc_conv2d_f32_neon_in_place(
    const bc_f32_neon_layer *layer, const float *x, int32_t rows, int32_t columns, int32_t row, int32_t pixel, float *y)
{
    const float *table[BC_F32_NEON_TOGETHER];
    int32_t count = 0;
    for (int32_t i = 0; i < rows; ++i) {
        const float *at = x;
        for (int32_t j = 0; j < columns; ++j) {
            table[count] = at;
            at += pixel;
            if (++count == BC_F32_NEON_TOGETHER) {
                bc_f32_neon_pixels(layer, table, count, y);
                y += count * layer->out_c;
                count = 0;
            }
        }
        x += row;
    }
    if (count > 0) {
        bc_f32_neon_pixels(layer, table, count, y);
    }
}

static BC_INLINE void bc_conv2d_f32_neon_gathering(
    const bc_conv2d_params *p, const bc_f32_neon_layer *layer, const float *x, float *y, float *scratch)
{
    const int32_t pixels = p->out_h * p->out_w, size = p->k_h * p->k_w * p->in_c;
    const float *table[BC_F32_NEON_TOGETHER];
    int32_t i = 0, j = 0;
    for (int32_t done = 0; done < pixels;) {
        int32_t count = pixels - done;
        count = count < bc_conv2d_f32_neon_together(p) ? count : bc_conv2d_f32_neon_together(p);
        for (int32_t q = 0; q < count; ++q) {
            bc_conv2d_f32_neon_gather(
                p, scratch + q * size, x, i * p->stride_h - p->pad_top, j * p->stride_w - p->pad_left);
            table[q] = scratch + q * size;
            if (++j == p->out_w) {
                j = 0;
                ++i;
            }
        }
        bc_f32_neon_pixels(layer, table, count, y);
        y += count * p->out_c;
        done += count;
    }
}

static BC_KERNEL void bc_conv2d_f32_neon(
    const bc_conv2d_params *p, const float *x, const float *w, const float *bias, float *y, void *scratch)
{
    const int32_t padded = bc_conv2d_f32_neon_padded(p), by_rows = bc_conv2d_f32_neon_by_rows(p);
    const int32_t line = padded ? bc_conv2d_f32_neon_line(p) : p->in_w * p->in_c, length = p->k_w * p->in_c;
    const int32_t segments = by_rows ? p->k_h : 1, numbers = by_rows ? length : p->k_h * length;
    const bc_f32_neon_layer layer = bc_f32_neon_layer_of(
        w, bias, segments, numbers, (int64_t)4 * (p->dilation_h * line - length), p->out_c, p->y_min_f, p->y_max_f);
    if (bc_conv2d_f32_neon_pointwise(p) && p->stride_h == 1 && p->stride_w == 1) {
        bc_f32_neon_rows(&layer, x, p->batch * p->out_h * p->out_w, y);
        return;
    }
    for (int32_t n = 0; n < p->batch; ++n) {
        if (!by_rows) {
            bc_conv2d_f32_neon_gathering(p, &layer, x, y, (float *)scratch);
        } else if (!padded) {
            bc_conv2d_f32_neon_in_place(&layer, x, p->out_h, p->out_w, p->stride_h * line, p->stride_w * p->in_c, y);
        } else {
            const int32_t band = bc_conv2d_f32_neon_band(p);
            for (int32_t i = 0; i < p->out_h; i += band) {
                const int32_t rows = p->out_h - i < band ? p->out_h - i : band;
                bc_conv2d_f32_neon_fill(p, (float *)scratch, x, i * p->stride_h - p->pad_top, rows);
                bc_conv2d_f32_neon_in_place(&layer, (const float *)scratch, rows, p->out_w, p->stride_h * line,
                                            p->stride_w * p->in_c, y + i * p->out_w * p->out_c);
            }
        }
        x += p->in_h * p->in_w * p->in_c;
        y += p->out_h * p->out_w * p->out_c;
    }
}

#endif
