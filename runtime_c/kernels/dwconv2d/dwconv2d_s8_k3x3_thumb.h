/* SPDX-License-Identifier: 0BSD */
/*
 * dwconv2d for cores without SIMD instructions, int8, 3x3, no dilation, any strides: two rows of outputs by one
 * multiplication (bc_plane_pairs.h), a channel after the other.
 *
 * Call: bc_dwconv2d_s8_k3x3_thumb(p, x, w, channels, y, scratch), w_wide = 0.
 *   w         [out_c][9] int8_t; not both of the first two taps of a row are -128
 *   channels  [out_c][2]: bias, and the multiplier; the latter has bit 31 set where the magnitudes of each of the
 *             filter's rows sum to at most 255. With one more word, the shift, under TensorFlow Lite's rules.
 *   scratch   the plane of bc_plane_pairs.h in words, then 2 * out_w words
 */
#ifndef BC_DWCONV2D_S8_K3X3_THUMB_H
#define BC_DWCONV2D_S8_K3X3_THUMB_H

#include "barecast/bc_math.h"
#include "barecast/bc_plane_pairs.h"
#include "barecast/dwconv2d.h"

/* What the way out of an accumulator takes of a channel. */
typedef struct {
    int32_t multiplier, shift;
} bc_dwconv2d_s8_k3x3_thumb_factor;

/* Every second sum to a row of outputs of one channel. */
static BC_INLINE void bc_dwconv2d_s8_k3x3_thumb_out(
    const bc_dwconv2d_params *p, const int32_t *sums, bc_dwconv2d_s8_k3x3_thumb_factor by, int8_t *y)
{
    for (int32_t j = 0; j < p->out_w; ++j) {
        y[j * p->out_c] =
            bc_requantize_s8(sums[2 * j], by.multiplier, by.shift, p->ties, p->y_zero, p->y_min, p->y_max);
    }
}

/* The outputs of one channel. */
static BC_INLINE void bc_dwconv2d_s8_k3x3_thumb_channel(
    const bc_dwconv2d_params *p, const uint32_t *plane, const int8_t *w, const int32_t *channel, int8_t *y,
    int32_t *sums)
{
    const int32_t half = bc_plane_pairs_half(p), width = bc_plane_pairs_width(p);
    const int32_t one_block = channel[1] < 0, blocks = one_block ? 3 : 6;
    const bc_dwconv2d_s8_k3x3_thumb_factor factor = {
        channel[1] & INT32_MAX,
        p->ties >= BC_TIES_TFLITE ? channel[2] : p->shift,
    };
    const bc_plane_pairs_walk walk = {
        (uint32_t)channel[0] * 65537u - BC_PAIRS_BIAS * (uint32_t)blocks,
        (uint32_t)channel[0],
        4 * (p->stride_w - 2 * width - 3),
        sums + 2 * p->out_w,
        4 * (width - 3),
    };
    int32_t taps[9];
    for (int32_t k = 0; k < 9; ++k) {
        taps[k] = w[k];
    }
    for (int32_t i = 0; i < half; ++i) {
        if (one_block) {
            bc_plane_pairs_row(plane, taps, sums, &walk);
        } else {
            bc_plane_pairs_row_split(plane, taps, sums, &walk);
        }
        const int32_t halves = i + half < p->out_h ? 2 : 1;
        for (int32_t k = 0; k < halves; ++k) {
            bc_dwconv2d_s8_k3x3_thumb_out(p, sums + k, factor, y + (i + k * half) * p->out_w * p->out_c);
        }
        plane += p->stride_h * width;
    }
}

static BC_KERNEL void bc_dwconv2d_s8_k3x3_thumb(
    const bc_dwconv2d_params *p, const int8_t *x, const int8_t *w, const int32_t *channels, int8_t *y, void *scratch)
{
    const int32_t words = p->ties >= BC_TIES_TFLITE ? 3 : 2;
    uint32_t *const plane = (uint32_t *)scratch;
    int32_t *const sums = (int32_t *)scratch + bc_plane_pairs_height(p) * bc_plane_pairs_width(p);
    bc_plane_pairs_clear(p, plane);
    for (int32_t n = 0; n < p->batch; ++n) {
        for (int32_t o = 0; o < p->out_c; ++o) {
            if (o % p->depth_multiplier == 0) {
                bc_plane_pairs_fill(p, plane, x + o / p->depth_multiplier);
            }
            bc_dwconv2d_s8_k3x3_thumb_channel(p, plane, w + 9 * o, channels + words * o, y + o, sums);
        }
        x += p->in_h * p->in_w * p->in_c;
        y += p->out_h * p->out_w * p->out_c;
    }
}

#endif
