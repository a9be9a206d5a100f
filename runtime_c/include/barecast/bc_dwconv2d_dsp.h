/* SPDX-License-Identifier: 0BSD */
/*
 * dwconv2d for the DSP extension, 8-bit weights, windows of any size without dilation: blocks of up to two by two
 * outputs of one channel. An image of one row is taken as one of one column, which lies in memory alike.
 *
 * w, for each output channel: bias, `rescale` (sdk/barecast/layouts/dsp.py), then for each pair of rows of the plane
 * below a block and for each column a word: bytes 0 and 2 are the weights of the block's upper row of outputs for the
 * pair, bytes 1 and 3 those of the lower row (stride 1; else 0). scratch: a plane (bc_plane_dsp.h).
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
    q.pad_top = p->pad_left;
    q.pad_left = p->pad_top;
    q.pad_bottom = p->pad_right;
    q.pad_right = p->pad_bottom;
    return q;
}

/* Pairs of rows below a block: k_h rows, or k_h + 1 for two rows of outputs. */
static BC_INLINE int32_t bc_dwconv2d_dsp_pairs(const bc_dwconv2d_params *p)
{
    return p->stride_h == 1 ? (p->k_h + 2) / 2 : (p->k_h + 1) / 2;
}

/* One block of rows x columns outputs at y, 1 or 2 of each, from the words at `at` on. */
static BC_INLINE void bc_dwconv2d_dsp_block(
    const bc_dwconv2d_params *p, const int32_t *channel, const int32_t *at, int8_t *y, int32_t rows, int32_t columns,
    int32_t bytes)
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
    bc_plane_dsp_store(p, y, y00, y01, y10, y11, rows, columns, bytes);
}

/* One or two rows of outputs. */
static BC_INLINE void bc_dwconv2d_dsp_rows(
    const bc_dwconv2d_params *p, const int32_t *channel, const int32_t *at, int8_t *y, int32_t rows,
    int32_t bytes)
{
#pragma GCC unroll 1
    for (int32_t j = 0; j < p->out_w / 2; ++j) {
        bc_dwconv2d_dsp_block(p, channel, at, y, rows, 2, bytes);
        at += 2 * p->stride_w;
        y += 2 * p->out_c * bytes;
    }
    if (p->out_w % 2 != 0) {
        bc_dwconv2d_dsp_block(p, channel, at, y, rows, 1, bytes);
    }
}

/* x and y as bytes, of numbers of one or two bytes. */
static BC_INLINE void bc_dwconv2d_dsp(
    const bc_dwconv2d_params *given, const int8_t *x, const int32_t *w, int8_t *y, int32_t *plane, int32_t bytes)
{
    const bc_dwconv2d_params turned = bc_dwconv2d_dsp_turned(given);
    const bc_dwconv2d_params *p = given->in_h == 1 && given->out_h == 1 && given->k_h == 1 ? &turned : given;
    const int32_t rows = p->stride_h == 1 ? 2 : 1, blocks = p->out_h / rows;
    const int32_t words = 1 + BC_DSP_FACTOR_WORDS(p->ties) + bc_dwconv2d_dsp_pairs(p) * p->k_w;
    bc_plane_dsp_clear(p, plane);
    for (int32_t n = 0; n < p->batch; ++n) {
        for (int32_t o = 0; o < p->out_c; ++o) {
            if (o % p->depth_multiplier == 0) {
                bc_plane_dsp_fill(p, plane, x + o / p->depth_multiplier * bytes, bytes);
            }
            const int32_t *at = plane;
            int8_t *to = y + o * bytes;
            for (int32_t i = 0; i < blocks; ++i) {
                bc_dwconv2d_dsp_rows(p, w + o * words, at, to, rows, bytes);
                at += bc_plane_dsp_width(p);
                to += rows * p->out_w * p->out_c * bytes;
            }
            if (p->out_h > blocks * rows) {
                bc_dwconv2d_dsp_rows(p, w + o * words, at, to, 1, bytes);
            }
        }
        x += p->in_h * p->in_w * p->in_c * bytes;
        y += p->out_h * p->out_w * p->out_c * bytes;
    }
}

#endif
