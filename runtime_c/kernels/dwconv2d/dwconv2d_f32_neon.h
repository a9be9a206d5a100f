/* SPDX-License-Identifier: 0BSD */
/*
 * dwconv2d with NEON, float32, one output a channel, four channels or more.
 * Call: bc_dwconv2d_f32_neon(p, x, w, bias, y).
 *
 * 3x3 windows go by rows of eight channels (bc_dwconv2d_row_f32_neon.h), others by pixels of 16, 8 and 4. What is left
 * of the channels is done with some of those before it once more. Padding is left out.
 */
#ifndef BC_DWCONV2D_F32_NEON_H
#define BC_DWCONV2D_F32_NEON_H

#include "barecast/bc_dwconv2d_row_f32_neon.h"
#include "barecast/bc_window.h"
#include "barecast/dwconv2d.h"

#ifdef BC_F32_NEON_ASSEMBLY
/* Whether rows are done by column: 3x3, a column of padding on either side at most. */
static BC_INLINE int32_t bc_dwconv2d_f32_neon_by_rows(const bc_dwconv2d_params *p)
{
    const int32_t beyond = (p->out_w - 1) * p->stride_w + 3 - p->pad_left - p->in_w;
    return p->k_h == 3 && p->k_w == 3 && p->dilation_h == 1 && p->dilation_w == 1 && p->stride_w <= 2 &&
           p->pad_left <= 1 && beyond <= 1 && p->out_c >= 8;
}

static BC_INLINE void bc_dwconv2d_f32_neon_row(
    const bc_dwconv2d_params *p, const float *x, const float *w, const float *bias, float *y, int32_t line,
    const bc_f32_neon_bounds *bounds)
{
    const int64_t pixel = (int64_t)4 * p->out_c;
    bc_f32_neon_row row;
    row.w_step = pixel;
    row.y_step = pixel;
    row.first = p->pad_left == 0;
    row.last = (p->out_w - 1) * p->stride_w + 2 - p->pad_left < p->in_w;
    row.results = p->out_w;
    const float *lines[3];
    for (int32_t r = 0; r < 3; ++r) {
        const int32_t inside = line + r >= 0 && line + r < p->in_h;
        lines[r] = inside ? x + (line + r) * p->in_w * p->out_c : bc_f32_neon_no_line;
        row.step[r] = inside ? pixel : 0;
    }
    for (int32_t c = 0; c < p->out_c; c += 8) {
        const int32_t at = c + 8 <= p->out_c ? c : p->out_c - 8;
        row.line[0] = row.step[0] ? lines[0] + at : lines[0];
        row.line[1] = row.step[1] ? lines[1] + at : lines[1];
        row.line[2] = row.step[2] ? lines[2] + at : lines[2];
        row.w = w + at;
        row.bias = bias + at;
        row.y = y + at;
        if (p->stride_w == 1) {
            bc_f32_neon_row_stride_1(&row, bounds);
        } else {
            bc_f32_neon_row_stride_2(&row, bounds);
        }
    }
}
#endif

/* 4 * quads channels of the pixel whose window's first taps are at x and w; rows, columns: of taps inside. */
static BC_INLINE void bc_dwconv2d_f32_neon_channels(
    const bc_dwconv2d_params *p, const float *x, const float *w, const float *bias, float *y, int32_t rows,
    int32_t columns, int32_t quads, const bc_f32_neon_bounds *bounds)
{
    float32x4_t acc[4];
    for (int32_t q = 0; q < quads; ++q) {
        acc[q] = vld1q_f32(bias + 4 * q);
    }
    for (int32_t r = 0; r < rows; ++r) {
        const float *pixel = x, *tap = w;
        for (int32_t s = 0; s < columns; ++s) {
            for (int32_t q = 0; q < quads; ++q) {
                acc[q] = BC_F32_NEON_MULTIPLY_ADD(acc[q], vld1q_f32(pixel + 4 * q), vld1q_f32(tap + 4 * q));
            }
            pixel += p->dilation_w * p->out_c;
            tap += p->out_c;
        }
        x += p->dilation_h * p->in_w * p->out_c;
        w += p->k_w * p->out_c;
    }
    for (int32_t q = 0; q < quads; ++q) {
        vst1q_f32(y + 4 * q, bc_f32_neon_limit(acc[q], bounds));
    }
}

static BC_INLINE void bc_dwconv2d_f32_neon_pixel(
    const bc_dwconv2d_params *p, const float *x, const float *w, const float *bias, float *y, int32_t row,
    int32_t column, const bc_f32_neon_bounds *bounds)
{
    const int32_t first_h = bc_first_tap(row, p->dilation_h, p->k_h);
    const int32_t first_w = bc_first_tap(column, p->dilation_w, p->k_w);
    const int32_t rows = bc_end_tap(row, p->in_h, p->dilation_h, p->k_h) - first_h;
    const int32_t columns = bc_end_tap(column, p->in_w, p->dilation_w, p->k_w) - first_w;
    const int32_t inside = rows > 0 && columns > 0;
    const float *const from =
        inside ? x + ((row + first_h * p->dilation_h) * p->in_w + column + first_w * p->dilation_w) * p->out_c : x;
    const float *const tap = inside ? w + (first_h * p->k_w + first_w) * p->out_c : w;
    int32_t c = 0;
    for (; c + 16 <= p->out_c; c += 16) {
        bc_dwconv2d_f32_neon_channels(p, from + c, tap + c, bias + c, y + c, rows, columns, 4, bounds);
    }
    if (c + 8 <= p->out_c) {
        bc_dwconv2d_f32_neon_channels(p, from + c, tap + c, bias + c, y + c, rows, columns, 2, bounds);
        c += 8;
    }
    for (; c < p->out_c; c += 4) {
        const int32_t at = c + 4 <= p->out_c ? c : p->out_c - 4;
        bc_dwconv2d_f32_neon_channels(p, from + at, tap + at, bias + at, y + at, rows, columns, 1, bounds);
    }
}

static BC_KERNEL void bc_dwconv2d_f32_neon(
    const bc_dwconv2d_params *p, const float *x, const float *w, const float *bias, float *y)
{
    const bc_f32_neon_bounds bounds = bc_f32_neon_bounds_of(p->y_min_f, p->y_max_f);
    for (int32_t n = 0; n < p->batch; ++n) {
        for (int32_t i = 0; i < p->out_h; ++i) {
            const int32_t row = i * p->stride_h - p->pad_top;
#ifdef BC_F32_NEON_ASSEMBLY
            if (bc_dwconv2d_f32_neon_by_rows(p)) {
                bc_dwconv2d_f32_neon_row(p, x, w, bias, y, row, &bounds);
                y += p->out_w * p->out_c;
                continue;
            }
#endif
            for (int32_t j = 0; j < p->out_w; ++j) {
                bc_dwconv2d_f32_neon_pixel(p, x, w, bias, y, row, j * p->stride_w - p->pad_left, &bounds);
                y += p->out_c;
            }
        }
        x += p->in_h * p->in_w * p->in_c;
    }
}

#endif
