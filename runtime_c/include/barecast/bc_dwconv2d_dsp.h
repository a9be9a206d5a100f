/* SPDX-License-Identifier: 0BSD */
/*
 * dwconv2d for the DSP extension, 8-bit weights, windows of any size: blocks of up to two by two outputs of one
 * channel. An image of one row is taken as one of one column, which lies in memory alike.
 *
 * A dilated window with a stride of 1 has its taps in every dilation_h-th row and dilation_w-th column, and so have the
 * outputs that share any of these: they are the outputs of a smaller image without dilation, a phase. There are
 * dilation_h * dilation_w of them (less, where there are fewer outputs), each with a plane of its own.
 *
 * w, for each output channel: bias, `rescale` (sdk/barecast/layouts/dsp.py), then for each pair of rows of the plane
 * below a block and for each column a word: bytes 0 and 2 are the weights of the block's upper row of outputs for the
 * pair, bytes 1 and 3 those of the lower row (stride 1; else 0). scratch: the planes
 * (bc_plane_dsp.h), and with dilated columns a word behind them.
 */
#ifndef BC_DWCONV2D_DSP_H
#define BC_DWCONV2D_DSP_H

#include "barecast/bc_plane_dsp.h"

/* The params with height and width exchanged. */
static BC_INLINE bc_dwconv2d_params bc_dwconv2d_dsp_turned(const bc_dwconv2d_params *p)
{
    bc_dwconv2d_params q = *p;
    q.in_h = p->in_w;
    q.in_w = p->in_h;
    q.out_h = p->out_w;
    q.out_w = p->out_h;
    q.k_h = p->k_w;
    q.k_w = p->k_h;
    q.stride_h = p->stride_w;
    q.stride_w = p->stride_h;
    q.dilation_h = p->dilation_w;
    q.dilation_w = p->dilation_h;
    q.pad_top = p->pad_left;
    q.pad_left = p->pad_top;
    q.pad_bottom = p->pad_right;
    q.pad_right = p->pad_bottom;
    return q;
}

/*
 * What of an axis belongs to a phase: of `out` outputs every dilation-th from number `phase` on, and of `in` numbers of
 * x those that they read, from number `first` on, behind `pad` numbers of padding.
 */
typedef struct {
    int32_t out, in, first, pad;
} bc_dwconv2d_dsp_part;

static BC_INLINE bc_dwconv2d_dsp_part bc_dwconv2d_dsp_part_of(
    int32_t out, int32_t in, int32_t pad, int32_t dilation, int32_t phase)
{
    bc_dwconv2d_dsp_part part;
    /* Where the phases are alike, what they share is a constant of the code. */
    part.pad = pad % dilation == 0 ? pad / dilation : phase < pad ? (pad - phase + dilation - 1) / dilation : 0;
    part.first = pad % dilation == 0 ? phase : phase - pad + part.pad * dilation;
    part.in = (in % dilation == 0 && pad % dilation == 0) ? in / dilation
        : part.first < in                                 ? (in - part.first + dilation - 1) / dilation
                                                          : 0;
    part.out = out % dilation == 0 ? out / dilation : (out - phase + dilation - 1) / dilation;
    return part;
}

/* The params of the phase of these rows and columns of outputs; dilations are those of the whole. */
static BC_INLINE bc_dwconv2d_params bc_dwconv2d_dsp_phase(
    const bc_dwconv2d_params *p, bc_dwconv2d_dsp_part rows, bc_dwconv2d_dsp_part columns)
{
    bc_dwconv2d_params q = *p;
    q.in_h = rows.in;
    q.out_h = rows.out;
    q.pad_top = rows.pad;
    q.in_w = columns.in;
    q.out_w = columns.out;
    q.pad_left = columns.pad;
    return q;
}

/* Pairs of rows below a block: k_h rows, or k_h + 1 for two rows of outputs. */
static BC_INLINE int32_t bc_dwconv2d_dsp_pairs(const bc_dwconv2d_params *p)
{
    return p->stride_h == 1 ? (p->k_h + 2) / 2 : (p->k_h + 1) / 2;
}

/* One block of rows x columns outputs at y, 1 or 2 of each, from the words at `at` on. */
static BC_INLINE void bc_dwconv2d_dsp_block(
    const bc_dwconv2d_params *p, const int32_t *channel, const int32_t *at, int8_t *y, bc_plane_dsp_steps steps,
    int32_t rows, int32_t columns, int32_t bytes)
{
    const int32_t *word = channel + 1 + BC_DSP_FACTOR_WORDS(p->ties);
    int32_t a = channel[0], b = channel[0], c = channel[0], d = channel[0];
#pragma GCC unroll 1
    for (int32_t m = 0; m < bc_dwconv2d_dsp_pairs(p); ++m) {
        for (int32_t s = 0; s < p->k_w; ++s) {
            const int32_t upper = bc_even_pair(*word), lower = bc_odd_pair(*word);
            const int32_t left = at[s], right = columns == 2 ? at[s + p->stride_w] : 0;
            a = bc_smlad(left, upper, a);
            if (rows == 2) {
                b = bc_smlad(left, lower, b);
            }
            if (columns == 2) {
                c = bc_smlad(right, upper, c);
            }
            if (rows == 2 && columns == 2) {
                d = bc_smlad(right, lower, d);
            }
            ++word;
        }
        at += bc_plane_dsp_width(p);
    }
    const int32_t y00 = bc_plane_dsp_out(p, channel + 1, a, bytes), y10 = bc_plane_dsp_out(p, channel + 1, b, bytes);
    const int32_t y01 = bc_plane_dsp_out(p, channel + 1, c, bytes), y11 = bc_plane_dsp_out(p, channel + 1, d, bytes);
    bc_plane_dsp_store(y, steps, y00, y01, y10, y11, rows, columns, bytes);
}

/*
 * One or two rows of outputs. Where an axis is dilated a block has always two of it, which makes one form of block for
 * phases with even and odd numbers of outputs: plane and scratch are large enough, and what is too many goes where
 * another output goes afterwards.
 */
static BC_INLINE void bc_dwconv2d_dsp_rows(
    const bc_dwconv2d_params *p, const int32_t *channel, const int32_t *at, int8_t *y, bc_plane_dsp_steps steps,
    int32_t rows, int32_t bytes)
{
    const int32_t least = p->dilation_w > 1 ? 1 : 2, step = 2 * steps.y_column;
#pragma GCC unroll 1
    for (int32_t columns = p->out_w; columns >= least; columns -= 2) {
        steps.y_column = p->dilation_w > 1 && columns == 1 ? 0 : steps.y_column;
        bc_dwconv2d_dsp_block(p, channel, at, y, steps, rows, 2, bytes);
        at += 2 * p->stride_w;
        y += step;
    }
    if (p->dilation_w == 1 && p->out_w % 2 != 0) {
        bc_dwconv2d_dsp_block(p, channel, at, y, steps, rows, 1, bytes);
    }
}

/* The outputs of one channel of a phase, the first of which is at y. */
static BC_INLINE void bc_dwconv2d_dsp_channel(
    const bc_dwconv2d_params *p, const int32_t *channel, const int32_t *at, int8_t *y, bc_plane_dsp_steps steps,
    int32_t bytes)
{
    const int32_t most = p->stride_h == 1 ? 2 : 1, least = p->dilation_h > 1 ? 1 : most, step = most * steps.y_row;
#pragma GCC unroll 1
    for (int32_t rows = p->out_h; rows >= least; rows -= most) {
        steps.y_row = p->dilation_h > 1 && rows == 1 ? 0 : steps.y_row;
        bc_dwconv2d_dsp_rows(p, channel, at, y, steps, most, bytes);
        at += bc_plane_dsp_width(p);
        y += step;
    }
    if (p->dilation_h == 1 && p->out_h % most != 0) {
        bc_dwconv2d_dsp_rows(p, channel, at, y, steps, 1, bytes);
    }
}

/* What is done with a channel of every phase: its plane is cleared, filled, or made into outputs. */
enum { BC_DWCONV2D_DSP_CLEAR, BC_DWCONV2D_DSP_FILL, BC_DWCONV2D_DSP_OUT };

static BC_INLINE void bc_dwconv2d_dsp_phases(
    const bc_dwconv2d_params *p, const int8_t *x, const int32_t *channel, int8_t *y, int32_t *plane, int32_t what,
    int32_t bytes)
{
    const bc_plane_dsp_steps steps = bc_plane_dsp_steps_of(p, bytes);
    int32_t high = p->dilation_h < p->out_h ? p->dilation_h : p->out_h;
    int32_t wide = p->dilation_w < p->out_w ? p->dilation_w : p->out_w;
    /* Compilers that know them make a copy of all below for each phase. */
    if (high > 1) {
        __asm__("" : "+r"(high));
    }
    if (wide > 1) {
        __asm__("" : "+r"(wide));
    }
#pragma GCC unroll 1
    for (int32_t i = 0; i < high; ++i) {
        const bc_dwconv2d_dsp_part rows = bc_dwconv2d_dsp_part_of(p->out_h, p->in_h, p->pad_top, p->dilation_h, i);
#pragma GCC unroll 1
        for (int32_t j = 0; j < wide; ++j) {
            const bc_dwconv2d_dsp_part columns =
                bc_dwconv2d_dsp_part_of(p->out_w, p->in_w, p->pad_left, p->dilation_w, j);
            const bc_dwconv2d_params q = bc_dwconv2d_dsp_phase(p, rows, columns);
            if (what == BC_DWCONV2D_DSP_CLEAR) {
                bc_plane_dsp_clear(&q, plane, bc_plane_dsp_height(&q));
            } else if (what == BC_DWCONV2D_DSP_FILL) {
                const int8_t *first = x + (rows.first * p->in_w + columns.first) * p->in_c * bytes;
                bc_plane_dsp_fill(&q, plane, first, steps, 0, bc_plane_dsp_height(&q), 0, bytes);
            } else {
                bc_dwconv2d_dsp_channel(&q, channel, plane, y + (i * p->out_w + j) * p->out_c * bytes, steps, bytes);
            }
            plane += bc_plane_dsp_height(&q) * bc_plane_dsp_width(&q);
        }
    }
    if (what == BC_DWCONV2D_DSP_CLEAR && p->dilation_w > 1) {
        *plane = 0;
    }
}

/* x and y as bytes, of numbers of one or two bytes. */
static BC_INLINE void bc_dwconv2d_dsp(
    const bc_dwconv2d_params *given, const int8_t *x, const int32_t *w, int8_t *y, int32_t *plane, int32_t bytes)
{
    const bc_dwconv2d_params turned = bc_dwconv2d_dsp_turned(given);
    const bc_dwconv2d_params *p = given->in_h == 1 && given->out_h == 1 && given->k_h == 1 ? &turned : given;
    const int32_t words = 1 + BC_DSP_FACTOR_WORDS(p->ties) + bc_dwconv2d_dsp_pairs(p) * p->k_w;
    bc_dwconv2d_dsp_phases(p, x, w, y, plane, BC_DWCONV2D_DSP_CLEAR, bytes);
    for (int32_t n = 0; n < p->batch; ++n) {
        for (int32_t o = 0; o < p->out_c; ++o) {
            if (o % p->depth_multiplier == 0) {
                const int8_t *from = x + o / p->depth_multiplier * bytes;
                bc_dwconv2d_dsp_phases(p, from, w, y, plane, BC_DWCONV2D_DSP_FILL, bytes);
            }
            bc_dwconv2d_dsp_phases(p, x, w + o * words, y + o * bytes, plane, BC_DWCONV2D_DSP_OUT, bytes);
        }
        x += p->in_h * p->in_w * p->in_c * bytes;
        y += p->out_h * p->out_w * p->out_c * bytes;
    }
}

#endif
