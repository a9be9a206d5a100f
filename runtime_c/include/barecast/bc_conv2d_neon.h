/* SPDX-License-Identifier: 0BSD */
/*
 * The drive of the int8 conv2d kernels for vectors of Cortex-A: eight pixels by eight channels at a time (bc_neon.h).
 *
 * A window's rows are read where they lie if each is a whole number of words, 16 bytes or more, and nothing is dilated
 * along it: on x, or with padding in a band, a part of the image that is copied to scratch with its padding. Shorter
 * rows are put one behind the other, from a band. Windows of groups, and dilated ones, are gathered tap by tap.
 */
#ifndef BC_CONV2D_NEON_H
#define BC_CONV2D_NEON_H

#include "barecast/bc_bytes_neon.h"
#include "barecast/bc_neon.h"
#include "barecast/bc_window.h"
#include "barecast/conv2d.h"

/* Bytes of a band, unless one row of outputs needs more. */
#define BC_NEON_BAND 16384

static BC_INLINE int32_t bc_conv2d_neon_padded(const bc_conv2d_params *p)
{
    return (p->pad_top | p->pad_bottom | p->pad_left | p->pad_right) != 0;
}

/* Whether a window's row is one stretch of memory. */
static BC_INLINE int32_t bc_conv2d_neon_whole_rows(const bc_conv2d_params *p)
{
    return p->groups == 1 && (p->dilation_w == 1 || p->k_w == 1);
}

/* Whether windows are read row by row where they lie. */
static BC_INLINE int32_t bc_conv2d_neon_by_rows(const bc_conv2d_params *p)
{
    const int32_t row = p->k_w * p->in_c;
    return bc_conv2d_neon_whole_rows(p) && row % 4 == 0 && (p->k_h == 1 || row >= 16);
}

/* A gathered window's bytes, whole words. */
static BC_INLINE int32_t bc_conv2d_neon_gathered(const bc_conv2d_params *p)
{
    return (p->k_h * p->k_w * (p->in_c / p->groups) + 3) / 4 * 4;
}

/* Rows of outputs whose windows a band has. */
static BC_INLINE int32_t bc_conv2d_neon_band(const bc_conv2d_params *p)
{
    const int32_t lines = BC_NEON_BAND / ((p->pad_left + p->in_w + p->pad_right) * p->in_c);
    const int32_t window = (p->k_h - 1) * p->dilation_h + 1;
    const int32_t rows = lines > window ? (lines - window) / p->stride_h + 1 : 1;
    return rows < p->out_h ? rows : p->out_h;
}

static BC_INLINE bc_neon_layer bc_conv2d_neon_layer(
    const bc_conv2d_params *p, const int8_t *w, const int32_t *channels, int32_t segments, int32_t size, int64_t step,
    int8_t *own)
{
    return bc_neon_layer_of(
        w, channels, segments, size, step, p->out_c / p->groups, p->y_zero, p->y_min, p->y_max, p->shift, p->ties,
        own);
}

/* rows x columns outputs, the first window at `from`; down, right: bytes from one to the next. */
static BC_INLINE void bc_conv2d_neon_windows(
    const bc_neon_layer *l, const int8_t *from, int32_t rows, int32_t columns, int64_t down, int64_t right, int8_t *y,
    int32_t y_step, bc_neon_pixels tile, int32_t mode)
{
    const int8_t *windows[BC_NEON_PIXELS];
    int32_t waiting = 0;
    for (int32_t i = 0; i < rows; ++i, from += down) {
        const int8_t *window = from;
        for (int32_t j = 0; j < columns; ++j, window += right) {
            windows[waiting] = window;
            if (++waiting == BC_NEON_PIXELS) {
                tile(l, windows, BC_NEON_PIXELS, y, y_step, mode);
                y += BC_NEON_PIXELS * y_step;
                waiting = 0;
            }
        }
    }
    if (waiting > 0) {
        for (int32_t k = waiting; k < BC_NEON_PIXELS; ++k) {
            windows[k] = windows[0];
        }
        tile(l, windows, waiting, y, y_step, mode);
    }
}

/* `lines` rows of x from the row `first` on, which may be on padding, with the padding beside them. */
static BC_INLINE void bc_conv2d_neon_copy_band(
    const bc_conv2d_params *p, const int8_t *x, int32_t first, int32_t lines, int8_t *to)
{
    const int32_t left = p->pad_left * p->in_c, line = p->in_w * p->in_c, right = p->pad_right * p->in_c;
    for (int32_t r = first; r < first + lines; ++r, to += left + line + right) {
        if (r < 0 || r >= p->in_h) {
            bc_neon_fill(to, p->x_zero, left + line + right);
        } else {
            bc_neon_fill(to, p->x_zero, left);
            bc_neon_copy(to + left, x + r * line, line);
            bc_neon_fill(to + left + line, p->x_zero, right);
        }
    }
}

/* As bc_conv2d_neon_windows; rows are packed first, at `to`. Behind each row, 15 bytes at most are read and written. */
static BC_INLINE void bc_conv2d_neon_packed(
    const bc_conv2d_params *p, const bc_neon_layer *l, const int8_t *from, int32_t rows, int32_t line, int8_t *y,
    int8_t *to, bc_neon_pixels tile, int32_t mode)
{
    const int32_t size = bc_conv2d_neon_gathered(p), row = p->k_w * p->in_c;
    const int8_t *windows[BC_NEON_PIXELS];
    for (int32_t k = 0; k < BC_NEON_PIXELS; ++k) {
        windows[k] = to + k * size;
    }
    int8_t *packed = to;
    int32_t waiting = 0;
    for (int32_t i = 0; i < rows; ++i, from += p->stride_h * line) {
        const int8_t *window = from;
        for (int32_t j = 0; j < p->out_w; ++j, window += p->stride_w * p->in_c, packed += size) {
            const int8_t *tap = window;
            for (int32_t r = 0; r < p->k_h; ++r, tap += p->dilation_h * line) {
                for (int32_t k = 0; k < row; k += 16) {
                    vst1q_s8(packed + r * row + k, vld1q_s8(tap + k));
                }
            }
            if (++waiting == BC_NEON_PIXELS) {
                tile(l, windows, BC_NEON_PIXELS, y, p->out_c, mode);
                y += BC_NEON_PIXELS * p->out_c;
                packed = to - size;
                waiting = 0;
            }
        }
    }
    if (waiting > 0) {
        tile(l, windows, waiting, y, p->out_c, mode);
    }
}

/* Any window in the order of the weights: tap (0, 0) is at (row, column), which may be on padding. */
static BC_INLINE void bc_conv2d_neon_gather(
    const bc_conv2d_params *p, const int8_t *x, int32_t row, int32_t column, int8_t *to)
{
    const int32_t depth = p->in_c / p->groups, size = p->k_w * depth;
    const int32_t last_h = (p->k_h - 1) * p->dilation_h, last_w = (p->k_w - 1) * p->dilation_w;
    if (!bc_conv2d_neon_padded(p) || (row >= 0 && row + last_h < p->in_h && column >= 0 && column + last_w < p->in_w)) {
        const int8_t *from = x + (row * p->in_w + column) * p->in_c;
        for (int32_t r = 0; r < p->k_h; ++r, from += p->dilation_h * p->in_w * p->in_c) {
            if (p->groups == 1 && p->dilation_w == 1) {
                bc_neon_copy(to, from, size);
                to += size;
            } else {
                for (int32_t s = 0; s < p->k_w; ++s, to += depth) {
                    bc_neon_copy(to, from + s * p->dilation_w * p->in_c, depth);
                }
            }
        }
        return;
    }
    const int32_t first_w = bc_first_tap(column, p->dilation_w, p->k_w);
    const int32_t end_w = bc_end_tap(column, p->in_w, p->dilation_w, p->k_w);
    bc_neon_fill(to, p->x_zero, p->k_h * size);
    for (int32_t r = 0; r < p->k_h; ++r, row += p->dilation_h, to += size) {
        if (row >= 0 && row < p->in_h) {
            for (int32_t s = first_w; s < end_w; ++s) {
                bc_neon_copy(to + s * depth, x + (row * p->in_w + column + s * p->dilation_w) * p->in_c, depth);
            }
        }
    }
}

/* One group whose windows are gathered: x and y point to its first channels. */
static BC_INLINE void bc_conv2d_neon_group(
    const bc_conv2d_params *p, const int8_t *x, const int8_t *w, const int32_t *channels, int8_t *y, int8_t *scratch,
    int8_t *own, bc_neon_pixels tile, int32_t mode)
{
    const int32_t size = bc_conv2d_neon_gathered(p);
    const bc_neon_layer l = bc_conv2d_neon_layer(p, w, channels, 1, size, 0, own);
    const int8_t *windows[BC_NEON_PIXELS];
    for (int32_t k = 0; k < BC_NEON_PIXELS; ++k) {
        windows[k] = scratch + k * size;
    }
    int32_t waiting = 0;
    for (int32_t n = 0; n < p->batch; ++n, x += p->in_h * p->in_w * p->in_c) {
        for (int32_t i = 0; i < p->out_h; ++i) {
            for (int32_t j = 0; j < p->out_w; ++j) {
                bc_conv2d_neon_gather(
                    p, x, i * p->stride_h - p->pad_top, j * p->stride_w - p->pad_left, scratch + waiting * size);
                if (++waiting == BC_NEON_PIXELS) {
                    tile(&l, windows, BC_NEON_PIXELS, y, p->out_c, mode);
                    y += BC_NEON_PIXELS * p->out_c;
                    waiting = 0;
                }
            }
        }
    }
    if (waiting > 0) {
        tile(&l, windows, waiting, y, p->out_c, mode);
    }
}

/* One image in bands. scratch: windows, if these are packed, before the band; 16 bytes behind either. */
static BC_INLINE void bc_conv2d_neon_bands(
    const bc_conv2d_params *p, const bc_neon_layer *l, const int8_t *x, int8_t *y, int8_t *scratch, bc_neon_pixels tile,
    int32_t mode)
{
    const int32_t by_rows = bc_conv2d_neon_by_rows(p);
    int8_t *const band = by_rows ? scratch : scratch + BC_NEON_PIXELS * bc_conv2d_neon_gathered(p) + 16;
    const int32_t line = (p->pad_left + p->in_w + p->pad_right) * p->in_c, most = bc_conv2d_neon_band(p);
    for (int32_t i = 0; i < p->out_h; i += most) {
        const int32_t rows = p->out_h - i < most ? p->out_h - i : most;
        const int32_t lines = (rows - 1) * p->stride_h + (p->k_h - 1) * p->dilation_h + 1;
        bc_conv2d_neon_copy_band(p, x, i * p->stride_h - p->pad_top, lines, band);
        if (by_rows) {
            bc_conv2d_neon_windows(
                l, band, rows, p->out_w, p->stride_h * line, p->stride_w * p->in_c, y, p->out_c, tile, mode);
        } else {
            bc_conv2d_neon_packed(p, l, band, rows, line, y, scratch, tile, mode);
        }
        y += rows * p->out_w * p->out_c;
    }
}

/* own: as in bc_neon_layer; filter: bytes that a channel's weights for a gathered window take. */
static BC_INLINE void bc_conv2d_neon(
    const bc_conv2d_params *p, const int8_t *x, const int8_t *w, const int32_t *channels, int8_t *y, int8_t *scratch,
    int8_t *own, int32_t filter, bc_neon_pixels tile, int32_t mode)
{
    if (!bc_conv2d_neon_whole_rows(p)) {
        const int32_t outputs = p->out_c / p->groups, blocks = (outputs + BC_NEON_BLOCK - 1) / BC_NEON_BLOCK;
        const int32_t each = p->ties < BC_TIES_TFLITE ? 2 * BC_NEON_BLOCK : 3 * BC_NEON_BLOCK;
        for (int32_t g = 0; g < p->groups; ++g) {
            bc_conv2d_neon_group(p, x + g * (p->in_c / p->groups),
                                 w + g * blocks * BC_NEON_BLOCK * filter, channels + g * blocks * each, y + g * outputs,
                                 scratch, own, tile, mode);
        }
        return;
    }
    const int32_t padded = bc_conv2d_neon_padded(p);
    const int32_t line = (p->pad_left + p->in_w + p->pad_right) * p->in_c;
    const int32_t by_rows = bc_conv2d_neon_by_rows(p);
    const bc_neon_layer l =
        by_rows ? bc_conv2d_neon_layer(p, w, channels, p->k_h, p->k_w * p->in_c, p->dilation_h * line, own)
                : bc_conv2d_neon_layer(p, w, channels, 1, bc_conv2d_neon_gathered(p), 0, own);
    if (by_rows && p->k_h * p->k_w * p->stride_h * p->stride_w == 1 && !padded) {
        bc_conv2d_neon_windows(
            &l, x, 1, p->batch * p->out_h * p->out_w, 0, p->in_c, y, p->out_c, tile, mode);
        return;
    }
    for (int32_t n = 0; n < p->batch; ++n) {
        if (padded || !by_rows) {
            bc_conv2d_neon_bands(p, &l, x, y, scratch, tile, mode);
        } else {
            bc_conv2d_neon_windows(
                &l, x, p->out_h, p->out_w, p->stride_h * line, p->stride_w * p->in_c, y, p->out_c, tile, mode);
        }
        x += p->in_h * p->in_w * p->in_c;
        y += p->out_h * p->out_w * p->out_c;
    }
}

#endif
