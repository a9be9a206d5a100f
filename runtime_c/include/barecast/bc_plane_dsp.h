/* SPDX-License-Identifier: 0BSD */
/*
 * Depthwise convolution on cores with the DSP extension: one channel at a time is copied to scratch memory as a plane
 * of pairs, two rows in a word, padding included, so that SMLAD makes two taps of a column at once.
 *
 *     plane[pair * width + column] = (row 2 * pair, row 2 * pair + 1), from the padding's top left corner on
 *
 * height and width: of the plane, in words. The outputs of a channel are written when its plane is complete, or in
 * bands: a plane for some rows of outputs after the other.
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

/*
 * The height for `rows` rows of outputs. With a stride of 1 an even number of them is made: a last row too many is not
 * stored.
 */
static BC_INLINE int32_t bc_plane_dsp_height_of(const bc_dwconv2d_params *p, int32_t rows)
{
    const int32_t made = p->stride_h == 1 ? (rows + 1) / 2 * 2 : rows;
    return ((made - 1) * p->stride_h + p->k_h + 1) / 2;
}

static BC_INLINE int32_t bc_plane_dsp_height(const bc_dwconv2d_params *p)
{
    return bc_plane_dsp_height_of(p, p->out_h);
}

static BC_INLINE int32_t bc_plane_dsp_width(const bc_dwconv2d_params *p)
{
    return (p->out_w - 1) * p->stride_w + p->k_w;
}

/*
 * Rows of outputs of a band, an even number: with a vertical stride of 2 as many as BC_PLANE_DSP_BYTES of plane are
 * enough for, but at least BC_PLANE_DSP_ROWS, since what two bands share is filled twice. With a stride of 1 all:
 * bands would keep outputs from lying over the input, which is worth more.
 */
#define BC_PLANE_DSP_BYTES 2560
#define BC_PLANE_DSP_ROWS 8

static BC_INLINE int32_t bc_plane_dsp_band(const bc_dwconv2d_params *p)
{
    const int32_t height = BC_PLANE_DSP_BYTES / 4 / bc_plane_dsp_width(p);
    const int32_t rows = 2 * height < p->k_h ? 0 : ((2 * height - p->k_h) / 2 + 1) / 2 * 2;
    const int32_t band = rows > BC_PLANE_DSP_ROWS ? rows : BC_PLANE_DSP_ROWS;
    return p->stride_h == 2 && band < p->out_h ? band : p->out_h;
}

/* Fills `height` rows of the plane with x_zero: once, for the cells that no channel writes. */
static BC_INLINE void bc_plane_dsp_clear(const bc_dwconv2d_params *p, int32_t *plane, int32_t height)
{
    const int32_t words = height * bc_plane_dsp_width(p);
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

/* Four pairs; returns their end. Loads, and stores, come one behind the other, where they take fewer cycles. */
static BC_INLINE int32_t *bc_plane_dsp_put_pairs(
    int32_t *to, int32_t a0, int32_t a1, int32_t a2, int32_t a3, int32_t b0, int32_t b1, int32_t b2, int32_t b3)
{
    __asm__("" : "+r"(a0), "+r"(a1), "+r"(a2), "+r"(a3));
    __asm__("" : "+r"(b0), "+r"(b1), "+r"(b2), "+r"(b3));
    const int32_t p0 = bc_pair(a0, b0), p1 = bc_pair(a1, b1), p2 = bc_pair(a2, b2), p3 = bc_pair(a3, b3);
    register int32_t w0 __asm__("r3") = p0;
    register int32_t w1 __asm__("r4") = p1;
    register int32_t w2 __asm__("r5") = p2;
    register int32_t w3 __asm__("r6") = p3;
    __asm__ volatile("stm %[to]!, {r3, r4, r5, r6}"
                     : [to] "+r"(to)
                     : "r"(w0), "r"(w1), "r"(w2), "r"(w3)
                     : "memory");
    return to;
}

/* One row of pairs, `columns` of them: from the rows at `above` and `below`, or padding in place of one or both. */
static BC_INLINE void bc_plane_dsp_fill_row(
    const bc_dwconv2d_params *p, int32_t *to, const int8_t *above, const int8_t *below, int32_t has_above,
    int32_t has_below, int32_t step, int32_t columns, int32_t bytes)
{
#define BC_PLANE_NUMBER(row, j) (has_##row ? bc_plane_dsp_number(row + (j) * step, bytes) : p->x_zero)
#pragma GCC unroll 1
    for (int32_t j = 0; j < columns / 4; ++j) {
        /* Steps that are no constants want registers of their own. */
        if (__builtin_constant_p(step)) {
            const int32_t a0 = BC_PLANE_NUMBER(above, 0), a1 = BC_PLANE_NUMBER(above, 1);
            const int32_t a2 = BC_PLANE_NUMBER(above, 2), a3 = BC_PLANE_NUMBER(above, 3);
            const int32_t b0 = BC_PLANE_NUMBER(below, 0), b1 = BC_PLANE_NUMBER(below, 1);
            const int32_t b2 = BC_PLANE_NUMBER(below, 2), b3 = BC_PLANE_NUMBER(below, 3);
            to = bc_plane_dsp_put_pairs(to, a0, a1, a2, a3, b0, b1, b2, b3);
        } else {
            to[0] = bc_pair(BC_PLANE_NUMBER(above, 0), BC_PLANE_NUMBER(below, 0));
            to[1] = bc_pair(BC_PLANE_NUMBER(above, 1), BC_PLANE_NUMBER(below, 1));
            to[2] = bc_pair(BC_PLANE_NUMBER(above, 2), BC_PLANE_NUMBER(below, 2));
            to[3] = bc_pair(BC_PLANE_NUMBER(above, 3), BC_PLANE_NUMBER(below, 3));
            to += 4;
        }
        above += has_above ? 4 * step : 0;
        below += has_below ? 4 * step : 0;
    }
    for (int32_t j = 0; j < columns % 4; ++j) {
        to[j] = bc_pair(BC_PLANE_NUMBER(above, j), BC_PLANE_NUMBER(below, j));
    }
#undef BC_PLANE_NUMBER
}

/*
 * The `height` rows of the plane of one channel, or with `bands` as many from the plane's row `first` on: the words
 * that have any of x in them. x is the channel's first number, of one or two bytes.
 */
static BC_INLINE void bc_plane_dsp_fill(
    const bc_dwconv2d_params *p, int32_t *plane, const int8_t *x, bc_plane_dsp_steps steps, int32_t first,
    int32_t height, int32_t bands, int32_t bytes)
{
    const int32_t width = bc_plane_dsp_width(p);
    const int32_t columns = p->in_w < width - p->pad_left ? p->in_w : width - p->pad_left;
    const int32_t above = p->pad_top - 2 * first, pad = above > 0 ? above : 0, skipped = pad - above;
    const int32_t left = p->in_h - skipped, rows = left < 2 * height - pad ? left : 2 * height - pad;
    /* An odd padding splits the pair before the first whole one. */
    const int32_t odd = pad & 1, pairs = (rows - odd) / 2;
    /* Another band has been where this one has rows of padding. */
    if (bands && p->pad_top > 1) {
        bc_plane_dsp_clear(p, plane, pad / 2 < height ? pad / 2 : height);
    }
    if (bands && 2 * bc_plane_dsp_height(p) > p->pad_top + p->in_h + 1) {
        const int32_t filled = rows > 0 ? (pad + rows + 1) / 2 : pad / 2;
        bc_plane_dsp_clear(p, plane + filled * width, height - filled);
    }
    if (columns <= 0 || rows <= 0) {
        return;
    }
    plane += pad / 2 * width + p->pad_left;
    x += skipped * steps.x_row;
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
