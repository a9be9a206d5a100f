/* SPDX-License-Identifier: 0BSD */
/*
 * Rows of depthwise 3x3 results with NEON, int8: the columns of three lines of x go by once, eight channels at a time
 * with their 72 weights in registers. A column is up to three windows' one after the other.
 */
#ifndef BC_DWCONV2D_ROW_NEON_H
#define BC_DWCONV2D_ROW_NEON_H

#include "barecast/bc_dwconv2d_neon.h"

/*
 * line: the first column of each line that is not on padding; a line on padding is as long as the others. pixel: bytes
 * from one column, and one result, to the next. pad: whether the first window begins on padding; results: of a row, but
 * for the last one if its window ends on padding; tail: whether it does.
 */
typedef struct {
    const int8_t *line[3];
    int8_t *y;
    int32_t pixel, results, tail, pad;
    int32_t x_zero;
} bc_dwneon_row;

typedef struct {
    int8x8_t a, b, c;
} bc_dwneon_column;

static BC_INLINE bc_dwneon_column bc_dwneon_load(const int8_t *const line[3], int64_t at)
{
    const bc_dwneon_column column = {vld1_s8(line[0] + at), vld1_s8(line[1] + at), vld1_s8(line[2] + at)};
    return column;
}

/* One result of the columns f, g and h; w: of the taps, row by row. */
static BC_INLINE int8x8_t bc_dwneon_result(
    const bc_dwneon_block *k, const int8x8_t w[9], bc_dwneon_column f, bc_dwneon_column g, bc_dwneon_column h,
    int32_t mode)
{
    bc_dwneon_sums sums = {k->bias[0], k->bias[1]};
    sums = bc_dwneon_pair(sums, f.a, w[0], g.a, w[1]);
    sums = bc_dwneon_pair(sums, h.a, w[2], f.b, w[3]);
    sums = bc_dwneon_pair(sums, g.b, w[4], h.b, w[5]);
    sums = bc_dwneon_pair(sums, f.c, w[6], g.c, w[7]);
    sums = bc_dwneon_add(sums, vmull_s8(h.c, w[8]));
    return bc_dwneon_out(k, sums, mode);
}

/* A block of channels, columns one apart: three results in a turn, so that columns stay where they are. */
static BC_INLINE void bc_dwneon_columns_1(
    const bc_dwneon_row *row, const bc_dwneon_block *k, const int8x8_t w[9], int64_t channel, int32_t mode)
{
    const int64_t pixel = row->pixel;
    const int8_t *const line[3] = {row->line[0], row->line[1], row->line[2]};
    const int8x8_t pad = vdup_n_s8((int8_t)row->x_zero);
    const bc_dwneon_column beside = {pad, pad, pad};
    int64_t at = channel;
    int8_t *y = row->y + channel;
    bc_dwneon_column f = beside, g, h;
    if (!row->pad) {
        f = bc_dwneon_load(line, at);
        at += pixel;
    }
    g = bc_dwneon_load(line, at);
    at += pixel;
    int32_t left = row->results;
    for (; left >= 3; left -= 3) {
        h = bc_dwneon_load(line, at);
        at += pixel;
        vst1_s8(y, bc_dwneon_result(k, w, f, g, h, mode));
        y += pixel;
        f = bc_dwneon_load(line, at);
        at += pixel;
        vst1_s8(y, bc_dwneon_result(k, w, g, h, f, mode));
        y += pixel;
        g = bc_dwneon_load(line, at);
        at += pixel;
        vst1_s8(y, bc_dwneon_result(k, w, h, f, g, mode));
        y += pixel;
    }
    for (left += row->tail; left > 0; --left) {
        h = beside;
        if (left > 1 || !row->tail) {
            h = bc_dwneon_load(line, at);
            at += pixel;
        }
        vst1_s8(y, bc_dwneon_result(k, w, f, g, h, mode));
        y += pixel;
        f = g;
        g = h;
    }
}

/* The same, columns two apart. */
static BC_INLINE void bc_dwneon_columns_2(
    const bc_dwneon_row *row, const bc_dwneon_block *k, const int8x8_t w[9], int64_t channel, int32_t mode)
{
    const int64_t pixel = row->pixel;
    const int8_t *const line[3] = {row->line[0], row->line[1], row->line[2]};
    const int8x8_t pad = vdup_n_s8((int8_t)row->x_zero);
    const bc_dwneon_column beside = {pad, pad, pad};
    int64_t at = channel;
    int8_t *y = row->y + channel;
    bc_dwneon_column f = beside, g, h;
    if (!row->pad) {
        f = bc_dwneon_load(line, at);
        at += pixel;
    }
    int32_t left = row->results;
    for (; left >= 2; left -= 2) {
        g = bc_dwneon_load(line, at);
        at += pixel;
        h = bc_dwneon_load(line, at);
        at += pixel;
        vst1_s8(y, bc_dwneon_result(k, w, f, g, h, mode));
        y += pixel;
        g = bc_dwneon_load(line, at);
        at += pixel;
        f = bc_dwneon_load(line, at);
        at += pixel;
        vst1_s8(y, bc_dwneon_result(k, w, h, g, f, mode));
        y += pixel;
    }
    for (left += row->tail; left > 0; --left) {
        g = bc_dwneon_load(line, at);
        at += pixel;
        h = beside;
        if (left > 1 || !row->tail) {
            h = bc_dwneon_load(line, at);
            at += pixel;
        }
        vst1_s8(y, bc_dwneon_result(k, w, f, g, h, mode));
        y += pixel;
        f = h;
    }
}

/* All channels of a row of results; stride: along it, 1 or 2. */
static BC_INLINE void bc_dwneon_blocks(
    const bc_dwneon_layer *l, const bc_dwneon_row *row, int32_t stride, int32_t mode)
{
    const int8_t *w = l->w;
    const int32_t *channels = l->channels;
    for (int32_t first = 0;; first += BC_DWNEON_BLOCK) {
        const int32_t at = first < l->last ? first : l->last;
        const bc_dwneon_block k = bc_dwneon_block_at(l, channels, mode);
        const int8x8_t taps[9] = {vld1_s8(w),      vld1_s8(w + 8),  vld1_s8(w + 16), vld1_s8(w + 24), vld1_s8(w + 32),
                                  vld1_s8(w + 40), vld1_s8(w + 48), vld1_s8(w + 56), vld1_s8(w + 64)};
        if (stride == 1) {
            bc_dwneon_columns_1(row, &k, taps, at, mode);
        } else {
            bc_dwneon_columns_2(row, &k, taps, at, mode);
        }
        if (first >= l->last) {
            return;
        }
        w += 9 * BC_DWNEON_BLOCK;
        channels += mode == BC_DWNEON_ONCE ? 16 : 24;
    }
}

#define BC_DWNEON_ROWS(NAME, MODE)                                                                    \
    BC_DWNEON_SHARED void bc_dwneon_row_1_##NAME(const bc_dwneon_layer *l, const bc_dwneon_row *row)  \
    {                                                                                                 \
        bc_dwneon_blocks(l, row, 1, MODE);                                                            \
    }                                                                                                 \
    BC_DWNEON_SHARED void bc_dwneon_row_2_##NAME(const bc_dwneon_layer *l, const bc_dwneon_row *row)  \
    {                                                                                                 \
        bc_dwneon_blocks(l, row, 2, MODE);                                                            \
    }
BC_DWNEON_ROWS(once, BC_DWNEON_ONCE)
BC_DWNEON_ROWS(once_each, BC_DWNEON_ONCE_EACH)
BC_DWNEON_ROWS(twice, BC_DWNEON_TWICE)

/* The same by the stride and the mode, constants. */
static BC_INLINE void bc_dwneon_row_go(
    const bc_dwneon_layer *l, const bc_dwneon_row *row, int32_t stride, int32_t mode)
{
    if (stride == 1) {
        if (mode == BC_DWNEON_ONCE) {
            bc_dwneon_row_1_once(l, row);
        } else if (mode == BC_DWNEON_ONCE_EACH) {
            bc_dwneon_row_1_once_each(l, row);
        } else {
            bc_dwneon_row_1_twice(l, row);
        }
    } else if (mode == BC_DWNEON_ONCE) {
        bc_dwneon_row_2_once(l, row);
    } else if (mode == BC_DWNEON_ONCE_EACH) {
        bc_dwneon_row_2_once_each(l, row);
    } else {
        bc_dwneon_row_2_twice(l, row);
    }
}

#endif
