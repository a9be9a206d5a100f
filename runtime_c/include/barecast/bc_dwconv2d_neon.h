/* SPDX-License-Identifier: 0BSD */
/*
 * Depthwise results with NEON, int8, eight channels at a time, by products of 16 bits. For AArch64 and Armv7-A.
 *
 * Two products of bytes are added in 16 bits before they are widened: the packer has seen that in no pair of taps both
 * weights are -128, so that no sum reaches 2**15. Constants (sdk/barecast/layouts/neon_dw.py), for blocks of eight
 * channels, the last of which has the last eight:
 *
 *   w [blocks][taps][8] int8_t; pairs are the taps 0 and 1, 2 and 3, ...
 *   channels [blocks][bias, multiplier (, -right)][8] int32_t; right shifts if each channel has its own
 */
#ifndef BC_DWCONV2D_NEON_H
#define BC_DWCONV2D_NEON_H

#include <arm_neon.h>

#include "barecast/bc_math.h"

/* One copy for all steps, whatever the compiler thinks. */
#if defined(__clang__)
#define BC_DWNEON_SHARED static __attribute__((noinline, unused))
#else
#define BC_DWNEON_SHARED static __attribute__((noinline, noclone, unused))
#endif

#define BC_DWNEON_BLOCK 8

/* How sums become results (bc_rescale_neon.h): one rounding, with a shift of all or of each channel, or two. */
enum { BC_DWNEON_ONCE, BC_DWNEON_ONCE_EACH, BC_DWNEON_TWICE };

static BC_INLINE int32_t bc_dwneon_mode(int32_t ties)
{
    return ties == BC_TIES_TFLITE          ? BC_DWNEON_TWICE
           : ties == BC_TIES_TFLITE_SINGLE ? BC_DWNEON_ONCE_EACH
                                           : BC_DWNEON_ONCE;
}

/* A layer's constants. last: the first channel of the last block. right: 31 - shift, where all channels share one. */
typedef struct {
    const int8_t *w;
    const int32_t *channels;
    int32_t last, taps;
    int32_t right, zero, low, high;
} bc_dwneon_layer;

/* A block's bias and way out. */
typedef struct {
    int32x4_t bias[2], mult[2], right[2];
    int16x8_t zero;
    int8x8_t low, high;
} bc_dwneon_block;

static BC_INLINE bc_dwneon_block bc_dwneon_block_at(const bc_dwneon_layer *l, const int32_t *channels, int32_t mode)
{
    bc_dwneon_block k;
    for (int32_t h = 0; h < 2; ++h) {
        k.bias[h] = vld1q_s32(channels + 4 * h);
        k.mult[h] = vld1q_s32(channels + 8 + 4 * h);
        k.right[h] = mode == BC_DWNEON_ONCE ? vdupq_n_s32(l->right) : vld1q_s32(channels + 16 + 4 * h);
    }
    k.zero = vdupq_n_s16((int16_t)l->zero);
    k.low = vdup_n_s8((int8_t)l->low);
    k.high = vdup_n_s8((int8_t)l->high);
    return k;
}

typedef struct {
    int32x4_t low, high;
} bc_dwneon_sums;

static BC_INLINE bc_dwneon_sums bc_dwneon_add(bc_dwneon_sums sums, int16x8_t products)
{
    sums.low = vaddw_s16(sums.low, vget_low_s16(products));
#ifdef __aarch64__
    sums.high = vaddw_high_s16(sums.high, products);
#else
    sums.high = vaddw_s16(sums.high, vget_high_s16(products));
#endif
    return sums;
}

static BC_INLINE bc_dwneon_sums bc_dwneon_pair(
    bc_dwneon_sums sums, int8x8_t x0, int8x8_t w0, int8x8_t x1, int8x8_t w1)
{
    return bc_dwneon_add(sums, vmlal_s8(vmull_s8(x0, w0), x1, w1));
}

static BC_INLINE int32x4_t bc_dwneon_rescale(int32x4_t sums, int32x4_t mult, int32x4_t right, int32_t mode)
{
    if (mode != BC_DWNEON_TWICE) {
        return vrshlq_s32(vqdmulhq_s32(sums, mult), right);
    }
    const int32x4_t value = vqrdmulhq_s32(sums, mult);
    return vrshlq_s32(vsraq_n_s32(value, vandq_s32(value, right), 31), right);
}

static BC_INLINE int8x8_t bc_dwneon_out(const bc_dwneon_block *k, bc_dwneon_sums sums, int32_t mode)
{
    const int16x4_t low = vqmovn_s32(bc_dwneon_rescale(sums.low, k->mult[0], k->right[0], mode));
    const int32x4_t rest = bc_dwneon_rescale(sums.high, k->mult[1], k->right[1], mode);
#ifdef __aarch64__
    const int16x8_t steps = vqmovn_high_s32(low, rest);
#else
    const int16x8_t steps = vcombine_s16(low, vqmovn_s32(rest));
#endif
    return vmin_s8(vmax_s8(vqmovn_s16(vqaddq_s16(steps, k->zero)), k->low), k->high);
}

/* One pixel of any window, all channels: where each tap's channels lie, those on padding too. */
static BC_INLINE void bc_dwneon_pixel(const bc_dwneon_layer *l, const int8_t *const *taps, int8_t *y, int32_t mode)
{
    const int8_t *w = l->w;
    const int32_t *channels = l->channels;
    for (int32_t first = 0;; first += BC_DWNEON_BLOCK) {
        const int32_t at = first < l->last ? first : l->last;
        const bc_dwneon_block k = bc_dwneon_block_at(l, channels, mode);
        bc_dwneon_sums sums = {k.bias[0], k.bias[1]};
        int32_t t = 0;
        for (; t + 2 <= l->taps; t += 2, w += 2 * BC_DWNEON_BLOCK) {
            sums = bc_dwneon_pair(sums, vld1_s8(taps[t] + at), vld1_s8(w), vld1_s8(taps[t + 1] + at), vld1_s8(w + 8));
        }
        if (t < l->taps) {
            sums = bc_dwneon_add(sums, vmull_s8(vld1_s8(taps[t] + at), vld1_s8(w)));
            w += BC_DWNEON_BLOCK;
        }
        vst1_s8(y + at, bc_dwneon_out(&k, sums, mode));
        if (first >= l->last) {
            return;
        }
        channels += mode == BC_DWNEON_ONCE ? 16 : 24;
    }
}

BC_DWNEON_SHARED void bc_dwneon_pixel_once(const bc_dwneon_layer *l, const int8_t *const *taps, int8_t *y)
{
    bc_dwneon_pixel(l, taps, y, BC_DWNEON_ONCE);
}

BC_DWNEON_SHARED void bc_dwneon_pixel_once_each(const bc_dwneon_layer *l, const int8_t *const *taps, int8_t *y)
{
    bc_dwneon_pixel(l, taps, y, BC_DWNEON_ONCE_EACH);
}

BC_DWNEON_SHARED void bc_dwneon_pixel_twice(const bc_dwneon_layer *l, const int8_t *const *taps, int8_t *y)
{
    bc_dwneon_pixel(l, taps, y, BC_DWNEON_TWICE);
}

/* The same by the mode, a constant. */
static BC_INLINE void bc_dwneon_go(const bc_dwneon_layer *l, const int8_t *const *taps, int8_t *y, int32_t mode)
{
    if (mode == BC_DWNEON_ONCE) {
        bc_dwneon_pixel_once(l, taps, y);
    } else if (mode == BC_DWNEON_ONCE_EACH) {
        bc_dwneon_pixel_once_each(l, taps, y);
    } else {
        bc_dwneon_pixel_twice(l, taps, y);
    }
}

#endif
