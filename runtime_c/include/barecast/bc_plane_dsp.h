/* SPDX-License-Identifier: 0BSD */
/*
 * Depthwise convolution on cores with the DSP extension: one channel at a time is copied to scratch memory as a plane
 * of pairs, two rows in a word, padding included, so that SMLAD makes two taps of a column at once.
 *
 *     plane[pair * width + column] = (row 2 * pair, row 2 * pair + 1), from the padding's top left corner on
 *
 * height and width: of the plane, in words. The outputs of a channel are written when its plane is complete.
 */
#ifndef BC_PLANE_DSP_H
#define BC_PLANE_DSP_H

#include "barecast/bc_dsp.h"
#include "barecast/dwconv2d.h"

/* The bytes between the numbers of a channel in neighbouring rows and columns of a plane, and between its outputs. */
typedef struct {
    int32_t x_row, x_column, y_row, y_column;
} bc_plane_dsp_steps;

static BC_INLINE bc_plane_dsp_steps bc_plane_dsp_steps_of(const bc_dwconv2d_params *p, int32_t bytes)
{
    const bc_plane_dsp_steps steps = {p->dilation_h * p->in_w * p->in_c * bytes, p->dilation_w * p->in_c * bytes,
                                      p->dilation_h * p->out_w * p->out_c * bytes, p->dilation_w * p->out_c * bytes};
    return steps;
}

/* With a stride of 1 an even number of output rows is made of the plane: a last row too many is not stored. */
static BC_INLINE int32_t bc_plane_dsp_height(const bc_dwconv2d_params *p)
{
    const int32_t rows = p->stride_h == 1 ? (p->out_h + 1) / 2 * 2 : p->out_h;
    return ((rows - 1) * p->stride_h + p->k_h + 1) / 2;
}

static BC_INLINE int32_t bc_plane_dsp_width(const bc_dwconv2d_params *p)
{
    return (p->out_w - 1) * p->stride_w + p->k_w;
}

/* Fills the plane with x_zero: once, for the cells that no channel writes. */
static BC_INLINE void bc_plane_dsp_clear(const bc_dwconv2d_params *p, int32_t *plane)
{
    const int32_t words = bc_plane_dsp_height(p) * bc_plane_dsp_width(p);
    for (int32_t i = 0; i < words; ++i) {
        plane[i] = bc_pair(p->x_zero, p->x_zero);
    }
}

/* The number at x, of one or two bytes. */
static BC_INLINE int32_t bc_plane_dsp_number(const int8_t *x, int32_t bytes)
{
    int16_t both;
    if (bytes == 1) {
        return *x;
    }
    BC_COPY(&both, x, 2);
    return both;
}

/* One row of pairs, `columns` of them: from the rows at `above` and `below`, or padding in place of one of them. */
static BC_INLINE void bc_plane_dsp_fill_row(
    const bc_dwconv2d_params *p, int32_t *to, const int8_t *above, const int8_t *below, int32_t has_above,
    int32_t has_below, int32_t step, int32_t columns, int32_t bytes)
{
#define BC_PLANE_NUMBER(row, j) (has_##row ? bc_plane_dsp_number(row + (j) * step, bytes) : p->x_zero)
#define BC_PLANE_WORD(j) bc_pair(BC_PLANE_NUMBER(above, j), BC_PLANE_NUMBER(below, j))
#pragma GCC unroll 1
    for (int32_t j = 0; j < columns / 4; ++j) {
        to[0] = BC_PLANE_WORD(0);
        to[1] = BC_PLANE_WORD(1);
        to[2] = BC_PLANE_WORD(2);
        to[3] = BC_PLANE_WORD(3);
        to += 4;
        above += has_above ? 4 * step : 0;
        below += has_below ? 4 * step : 0;
    }
    for (int32_t j = 0; j < columns % 4; ++j) {
        to[j] = BC_PLANE_WORD(j);
    }
#undef BC_PLANE_WORD
#undef BC_PLANE_NUMBER
}

/* The words of one channel that have any of x in them; x is its first number, of one or two bytes. */
static BC_INLINE void bc_plane_dsp_fill(
    const bc_dwconv2d_params *p, int32_t *plane, const int8_t *x, bc_plane_dsp_steps steps, int32_t bytes)
{
    const int32_t height = bc_plane_dsp_height(p), width = bc_plane_dsp_width(p);
    const int32_t columns = p->in_w < width - p->pad_left ? p->in_w : width - p->pad_left;
    const int32_t rows = p->in_h < 2 * height - p->pad_top ? p->in_h : 2 * height - p->pad_top;
    /* An odd pad_top splits the pair before the first whole one. */
    const int32_t odd = p->pad_top & 1, pairs = (rows - odd) / 2;
    if (columns <= 0 || rows <= 0) {
        return;
    }
    plane += p->pad_top / 2 * width + p->pad_left;
    if (odd) {
        bc_plane_dsp_fill_row(p, plane, x, x, 0, 1, steps.x_column, columns, bytes);
        plane += width;
        x += steps.x_row;
    }
#pragma GCC unroll 1
    for (int32_t i = 0; i < pairs; ++i) {
        bc_plane_dsp_fill_row(p, plane, x, x + steps.x_row, 1, 1, steps.x_column, columns, bytes);
        plane += width;
        x += 2 * steps.x_row;
    }
    if (rows - odd > 2 * pairs) {
        bc_plane_dsp_fill_row(p, plane, x, x, 1, 0, steps.x_column, columns, bytes);
    }
}

/* One output: `factor` as bc_dsp_rescale reads it. */
static BC_INLINE int32_t bc_plane_dsp_out(
    const bc_dwconv2d_params *p, const int32_t *factor, int32_t acc, int32_t bytes)
{
    const int32_t y = bc_dsp_rescale(acc, 0, factor, p->shift, BC_DSP_TIES(p->ties), p->y_zero);
    return bytes == 1 ? bc_dsp_clamp(y, p->y_min, p->y_max) : bc_dsp_clamp_s16(y, p->y_min, p->y_max);
}

static BC_INLINE void bc_plane_dsp_put(int8_t *to, int32_t value, int32_t bytes)
{
    const int16_t both = (int16_t)value;
    if (bytes == 1) {
        *to = (int8_t)value;
    } else {
        BC_COPY(to, &both, 2);
    }
}

/* A block of one or two rows and columns of outputs of one channel. The first is stored last: steps of 0 leave it. */
static BC_INLINE void bc_plane_dsp_store(
    int8_t *y, bc_plane_dsp_steps steps, int32_t y00, int32_t y01, int32_t y10, int32_t y11, int32_t rows,
    int32_t columns, int32_t bytes)
{
    int8_t *below = y + steps.y_row;
    if (rows == 2 && columns == 2) {
        bc_plane_dsp_put(below + steps.y_column, y11, bytes);
    }
    if (columns == 2) {
        bc_plane_dsp_put(y + steps.y_column, y01, bytes);
    }
    if (rows == 2) {
        bc_plane_dsp_put(below, y10, bytes);
    }
    bc_plane_dsp_put(y, y00, bytes);
}

#endif
