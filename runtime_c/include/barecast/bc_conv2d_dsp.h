/* SPDX-License-Identifier: 0BSD */
/*
 * The drive of the conv2d kernels for the DSP extension: the windows of two pixels at a time are made pairs
 * in scratch memory (a 1x1 convolution is the case of one segment), then all outputs are made of them, four by four.
 * Groups are convolutions one after the other, each with its own weights.
 *
 * A segment is what lies in one piece of memory below a window: a row of it, or one tap if dilation_w > 1 or in groups.
 * scratch: 2 words for each pair of a window, then the bytes of two segments, for those that reach into the padding.
 * Activations of 8 and of 16 bits (with x_zero 0) go the same way, `bytes` tells them apart.
 */
#ifndef BC_CONV2D_DSP_H
#define BC_CONV2D_DSP_H

#include "barecast/bc_tile_dsp.h"
#include "barecast/conv2d.h"

/* Taps of a segment. */
static BC_INLINE int32_t bc_conv2d_dsp_taps(const bc_conv2d_params *p)
{
    return p->dilation_w == 1 && p->groups == 1 ? p->k_w : 1;
}

/* The window of one output pixel: its image and where its first tap lies. */
typedef struct {
    const int8_t *x;
    int32_t row, column;
} bc_conv2d_dsp_window;

/* The bytes below `taps` taps from (row, column) on: in x, or put together in `padded`. */
static BC_INLINE const int8_t *bc_conv2d_dsp_segment(
    const bc_conv2d_params *p, const int8_t *x, int32_t row, int32_t column, int32_t taps, int32_t bytes,
    int8_t *padded)
{
    const int32_t pixel = p->in_c * bytes;
    const int32_t above = (p->pad_top | p->pad_bottom) != 0 && (uint32_t)row >= (uint32_t)p->in_h;
    const int32_t beside = (p->pad_left | p->pad_right) != 0 && (column < 0 || column + taps > p->in_w);
    if (!above && !beside) {
        return x + (row * p->in_w + column) * pixel;
    }
    BC_FILL(padded, bytes == 1 ? p->x_zero : 0, (size_t)(taps * (p->in_c / p->groups) * bytes));
    if (!above) {
        const int32_t first = column < 0 ? -column : 0;
        const int32_t end = p->in_w - column < taps ? p->in_w - column : taps;
        if (first < end) {
            BC_COPY(padded + first * pixel, x + (row * p->in_w + column + first) * pixel,
                    (size_t)((end - first) * pixel));
        }
    }
    return padded;
}

/* Whether a window lies on x altogether. */
static BC_INLINE int32_t bc_conv2d_dsp_inside(const bc_conv2d_params *p, const bc_conv2d_dsp_window *at)
{
    const int32_t last_row = at->row + (p->k_h - 1) * p->dilation_h;
    const int32_t last_column = at->column + (p->k_w - 1) * p->dilation_w;
    return ((p->pad_top | p->pad_bottom) == 0 || (at->row >= 0 && last_row < p->in_h))
        && ((p->pad_left | p->pad_right) == 0 || (at->column >= 0 && last_column < p->in_w));
}

/* The pairs of n numbers of a and b, of one or two bytes. */
static BC_INLINE int32_t *bc_conv2d_dsp_pairs(int32_t *to, const int8_t *a, const int8_t *b, int32_t n, int32_t bytes)
{
    return bytes == 1 ? bc_tile_dsp_expand(to, a, b, n) : bc_tile_dsp_copy(to, a, b, n);
}

/* The pairs of two windows. */
static BC_INLINE void bc_conv2d_dsp_expand(
    const bc_conv2d_params *p, const bc_conv2d_dsp_window *a, const bc_conv2d_dsp_window *b, int32_t *to,
    int32_t bytes, int8_t *padded)
{
    const int32_t taps = bc_conv2d_dsp_taps(p), pixel = p->in_c * bytes;
    const int32_t length = taps * (p->in_c / p->groups);
    const int32_t row_step = p->dilation_h * p->in_w * pixel;
    if (bc_conv2d_dsp_inside(p, a) && bc_conv2d_dsp_inside(p, b)) {
        const int8_t *in_a = a->x + (a->row * p->in_w + a->column) * pixel;
        const int8_t *in_b = b->x + (b->row * p->in_w + b->column) * pixel;
        for (int32_t r = 0; r < p->k_h; ++r) {
            for (int32_t s = 0; s < p->k_w; s += taps) {
                const int32_t skip = s * p->dilation_w * pixel;
                to = bc_conv2d_dsp_pairs(to, in_a + skip, in_b + skip, length, bytes);
            }
            in_a += row_step;
            in_b += row_step;
        }
        return;
    }
#pragma GCC unroll 1
    for (int32_t r = 0; r < p->k_h; ++r) {
        for (int32_t s = 0; s < p->k_w; s += taps) {
            const int32_t row = r * p->dilation_h, column = s * p->dilation_w;
            const int8_t *in_a =
                bc_conv2d_dsp_segment(p, a->x, a->row + row, a->column + column, taps, bytes, padded);
            const int8_t *in_b =
                bc_conv2d_dsp_segment(p, b->x, b->row + row, b->column + column, taps, bytes, padded + length * bytes);
            to = bc_conv2d_dsp_pairs(to, in_a, in_b, length, bytes);
        }
    }
}

/*
 * `count` outputs of two pixels, 1 to 4, as BC_DSP_S16_ANY says; returns the next tile's weights: tiles of
 * BC_DSP_LONG_PAIRS pairs (if acc_wide; else one of all) that begin with 0, then BC_DSP_LONG_WORDS for each output.
 */
static BC_INLINE const int32_t *bc_conv2d_dsp_tile_long(
    const bc_conv2d_params *p, const int32_t *w, const int32_t *pairs, int32_t pair_count, int8_t *y_a, int8_t *y_b,
    int32_t count)
{
    const int32_t most = p->acc_wide && pair_count > BC_DSP_LONG_PAIRS ? BC_DSP_LONG_PAIRS : pair_count;
    int64_t a[4] = {0, 0, 0, 0}, b[4] = {0, 0, 0, 0};
#pragma GCC unroll 1
    for (int32_t left = pair_count; left > 0; left -= most) {
        int32_t part_a[4], part_b[4];
        w = bc_tile_dsp(w, pairs, left < most ? left : most, 0, part_a, part_b);
        pairs += 2 * most;
        for (int32_t o = 0; o < 4; ++o) {
            a[o] += part_a[o];
            b[o] += part_b[o];
        }
    }
#pragma GCC unroll 1
    for (int32_t o = 0; o < count; ++o) {
        const int32_t *channel = w + o * BC_DSP_LONG_WORDS;
        const int16_t to_a = bc_dsp_output_long(a[o], channel, p->ties, p->y_zero, p->y_min, p->y_max);
        const int16_t to_b = bc_dsp_output_long(b[o], channel, p->ties, p->y_zero, p->y_min, p->y_max);
        BC_COPY(y_a + 2 * o, &to_a, 2);
        BC_COPY(y_b + 2 * o, &to_b, 2);
    }
    return w + 4 * BC_DSP_LONG_WORDS;
}

/* `count` outputs of two pixels, 1 to 4; returns the next tile's weights. same: the factor of all outputs, if one. */
static BC_INLINE const int32_t *bc_conv2d_dsp_tile(
    const bc_conv2d_params *p, const int32_t *w, const int32_t *same, const int32_t *pairs, int32_t pair_count,
    int32_t kind, int8_t *y_a, int8_t *y_b, int32_t count)
{
    if (kind == BC_DSP_S16_ANY) {
        return bc_conv2d_dsp_tile_long(p, w, pairs, pair_count, y_a, y_b, count);
    }
    int32_t a[4], b[4];
    w = bc_tile_dsp(w, pairs, pair_count, kind == BC_DSP_S8_PAIRED, a, b);
    const int32_t words = BC_DSP_WORDS(kind, p->ties);
    const int32_t *factor = p->per_channel ? w : same;
    const int32_t step = p->per_channel ? words : 0;
    /* Written out: at -Os compilers keep loops over the sums, and the sums in memory. */
#define BC_CONV2D_OUT(sums, o) \
    bc_dsp_output( \
        sums[o], BC_DSP_SCALED(kind, o), factor + (o) * step, kind, p->shift, p->ties, p->y_zero, p->y_min, p->y_max)
    const int32_t a0 = BC_CONV2D_OUT(a, 0), b0 = BC_CONV2D_OUT(b, 0);
    const int32_t a1 = BC_CONV2D_OUT(a, 1), b1 = BC_CONV2D_OUT(b, 1);
    const int32_t a2 = BC_CONV2D_OUT(a, 2), b2 = BC_CONV2D_OUT(b, 2);
    const int32_t a3 = BC_CONV2D_OUT(a, 3), b3 = BC_CONV2D_OUT(b, 3);
#undef BC_CONV2D_OUT
    bc_store_some(y_a, count, a0, a1, a2, a3, BC_DSP_BYTES(kind));
    bc_store_some(y_b, count, b0, b1, b2, b3, BC_DSP_BYTES(kind));
    return p->per_channel ? w + 4 * words : w;
}

/* The window after this one, in the order of the outputs; j and i are the output pixel's column and row. */
static BC_INLINE void bc_conv2d_dsp_next(
    const bc_conv2d_params *p, bc_conv2d_dsp_window *at, int32_t *i, int32_t *j, int32_t bytes)
{
    at->column += p->stride_w;
    if (++*j == p->out_w) {
        *j = 0;
        at->column = -p->pad_left;
        at->row += p->stride_h;
        if (++*i == p->out_h) {
            *i = 0;
            at->row = -p->pad_top;
            at->x += p->in_h * p->in_w * p->in_c * bytes;
        }
    }
}

/* All outputs of two pixels from their pairs. */
static BC_INLINE void bc_conv2d_dsp_outputs(
    const bc_conv2d_params *p, const int32_t *w, const int32_t *pairs, int32_t pair_count, int32_t kind,
    int8_t *y_a, int8_t *y_b)
{
    const int32_t outputs = p->out_c / p->groups, fours = outputs / 4 * 4, bytes = BC_DSP_BYTES(kind);
    const int32_t *same = w;
    w += p->per_channel || kind == BC_DSP_S16_ANY ? 0 : BC_DSP_WORDS(kind, p->ties);
    for (int32_t o = 0; o < fours; o += 4) {
        w = bc_conv2d_dsp_tile(p, w, same, pairs, pair_count, kind, y_a + o * bytes, y_b + o * bytes, 4);
    }
    if (outputs > fours) {
        bc_conv2d_dsp_tile(p, w, same, pairs, pair_count, kind, y_a + fours * bytes, y_b + fours * bytes,
                           outputs - fours);
    }
}

/* One group: x and y point to its first channels. */
static BC_INLINE void bc_conv2d_dsp_group(
    const bc_conv2d_params *p, const int8_t *x, const int32_t *w, int8_t *y, int32_t *scratch, int32_t kind)
{
    const int32_t taps = bc_conv2d_dsp_taps(p), bytes = BC_DSP_BYTES(kind);
    const int32_t length = taps * (p->in_c / p->groups);
    const int32_t pair_count = p->k_h * (p->k_w / taps) * BC_TILE_PAIRS_OF(length);
    const int32_t pixels = p->batch * p->out_h * p->out_w;
    int8_t *padded = (int8_t *)(scratch + 2 * pair_count);
    /* Windows of one tap each, one beside the other: nothing to look for. */
    const int32_t flat = p->k_h == 1 && p->k_w == 1 && p->stride_h == 1 && p->stride_w == 1
        && (p->pad_top | p->pad_left | p->pad_bottom | p->pad_right) == 0;
    bc_conv2d_dsp_window a = {x, -p->pad_top, -p->pad_left};
    int32_t i = 0, j = 0;
    for (int32_t pixel = 0; pixel < pixels; pixel += 2) {
        /* A last pixel without a partner is its own: both write the same. */
        const int32_t alone = pixel + 1 == pixels;
        if (flat) {
            bc_conv2d_dsp_pairs(scratch, x, alone ? x : x + p->in_c * bytes, length, bytes);
            x += 2 * p->in_c * bytes;
        } else {
            bc_conv2d_dsp_window b = a;
            if (!alone) {
                bc_conv2d_dsp_next(p, &b, &i, &j, bytes);
            }
            bc_conv2d_dsp_expand(p, &a, &b, scratch, bytes, padded);
            a = b;
            bc_conv2d_dsp_next(p, &a, &i, &j, bytes);
        }
        bc_conv2d_dsp_outputs(p, w, scratch, pair_count, kind, y, alone ? y : y + p->out_c * bytes);
        y += 2 * p->out_c * bytes;
    }
}

/* Words of the weights of a group. */
static BC_INLINE int32_t bc_conv2d_dsp_words(const bc_conv2d_params *p, int32_t kind)
{
    const int32_t depth = p->in_c / p->groups, outputs = p->out_c / p->groups, taps = bc_conv2d_dsp_taps(p);
    const int32_t pair_count = p->k_h * (p->k_w / taps) * BC_TILE_PAIRS_OF(taps * depth);
    if (kind == BC_DSP_S16_ANY) {
        const int32_t blocks = p->acc_wide ? (pair_count + BC_DSP_LONG_PAIRS - 1) / BC_DSP_LONG_PAIRS : 1;
        return (outputs + 3) / 4 * (4 * blocks + 2 * pair_count + 4 * BC_DSP_LONG_WORDS);
    }
    const int32_t factor = BC_DSP_WORDS(kind, p->ties);
    const int32_t tile = 4 + 2 * pair_count + (p->per_channel ? 4 * factor : 0);
    return (outputs + 3) / 4 * tile + (p->per_channel ? 0 : factor);
}

/* x and y as bytes; kind: bc_dsp.h. */
static BC_INLINE void bc_conv2d_dsp(
    const bc_conv2d_params *p, const int8_t *x, const int32_t *w, int8_t *y, int32_t *scratch, int32_t kind)
{
    const int32_t bytes = BC_DSP_BYTES(kind), words = bc_conv2d_dsp_words(p, kind);
    for (int32_t g = 0; g < p->groups; ++g) {
        bc_conv2d_dsp_group(p, x + g * (p->in_c / p->groups) * bytes, w + g * words,
                            y + g * (p->out_c / p->groups) * bytes, scratch, kind);
    }
}

#endif
