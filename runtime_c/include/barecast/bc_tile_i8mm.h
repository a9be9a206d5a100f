/* SPDX-License-Identifier: 0BSD */
/*
 * Tiles of sums by SMMLA, which multiplies eight bytes of each of two pixels with eight bytes of each of two channels.
 *
 *   w [blocks][depth / 8][8][8] int8_t: for eight bytes of a pixel the eight weights of each channel of a block, in the
 *     order 0 2 1 3 4 6 5 7 (sdk/barecast/layouts/neon_i8mm.py)
 *
 * Each segment of a window is filled up to whole eights. The windows of a tile are laid side by side in the same way
 * first, at l->own: [depth / 8][pixels][8]; weights beyond a segment's end are 0, whatever stands there.
 *
 * A sum has the results of two pixels and of the channels c and c + 2, those of the first pixel first. With the sum of
 * c + 1 and c + 3, TRN2 of the words' halves puts four channels of either pixel in a row.
 */
#ifndef BC_TILE_I8MM_H
#define BC_TILE_I8MM_H

#include "barecast/bc_neon.h"

#define BC_I8MM_DEPTH 8

/* Bytes of a segment in whole eights. */
static BC_INLINE int32_t bc_i8mm_whole(int32_t size)
{
    return (size + BC_I8MM_DEPTH - 1) / BC_I8MM_DEPTH * BC_I8MM_DEPTH;
}

/* Eights in a window. */
static BC_INLINE int64_t bc_i8mm_eights(const bc_neon_layer *l)
{
    return l->depth.segments * (2 * l->depth.chunks + (l->depth.fours + 1) / 2);
}

/* Two pixels side by side: the first or the second eight bytes of each. */
static BC_INLINE int8x16_t bc_i8mm_first(int8x16_t a, int8x16_t b)
{
    return vreinterpretq_s8_s64(vzip1q_s64(vreinterpretq_s64_s8(a), vreinterpretq_s64_s8(b)));
}

static BC_INLINE int8x16_t bc_i8mm_second(int8x16_t a, int8x16_t b)
{
    return vreinterpretq_s8_s64(vzip2q_s64(vreinterpretq_s64_s8(a), vreinterpretq_s64_s8(b)));
}

/* A window's last 4, 8 or 12 bytes as 16, of which the rest are any, but no byte beside them is read. */
static BC_INLINE int8x16_t bc_i8mm_rest(const int8_t *x, int64_t fours)
{
    int32x4_t word = vdupq_n_s32(0);
    if (fours & 1) {
        const int8_t *const last = x + 4 * (fours - 1);
        __asm__("ldr %s[word], [%[last]]" : [word] "=w"(word) : [last] "r"(last), "Q"(*(const int8_t(*)[4])last));
    }
    const int8x8_t bytes = vget_low_s8(vreinterpretq_s8_s32(word));
    return fours == 1 ? vcombine_s8(bytes, bytes) : vcombine_s8(vld1_s8(x), bytes);
}

/* The windows of P pixels, P being 4 or 8. */
static BC_INLINE void bc_i8mm_pack(const bc_neon_layer *l, const int8_t *const *x, int32_t pixels)
{
    const int64_t chunks = l->depth.chunks, fours = l->depth.fours;
    for (int32_t k = 0; k < pixels; k += 4) {
        const int8_t *x0 = x[k], *x1 = x[k + 1], *x2 = x[k + 2], *x3 = x[k + 3];
        int8_t *to = l->own + BC_I8MM_DEPTH * k;
        for (int64_t s = 0; s < l->depth.segments; ++s) {
            for (int64_t at = 0; at < 16 * chunks; at += 16) {
                const int8x16_t a = vld1q_s8(x0 + at), b = vld1q_s8(x1 + at);
                const int8x16_t c = vld1q_s8(x2 + at), d = vld1q_s8(x3 + at);
                vst1q_s8(to, bc_i8mm_first(a, b));
                vst1q_s8(to + 16, bc_i8mm_first(c, d));
                to += BC_I8MM_DEPTH * pixels;
                vst1q_s8(to, bc_i8mm_second(a, b));
                vst1q_s8(to + 16, bc_i8mm_second(c, d));
                to += BC_I8MM_DEPTH * pixels;
            }
            if (fours > 0) {
                const int64_t at = 16 * chunks;
                const int8x16_t a = bc_i8mm_rest(x0 + at, fours), b = bc_i8mm_rest(x1 + at, fours);
                const int8x16_t c = bc_i8mm_rest(x2 + at, fours), d = bc_i8mm_rest(x3 + at, fours);
                vst1q_s8(to, bc_i8mm_first(a, b));
                vst1q_s8(to + 16, bc_i8mm_first(c, d));
                to += BC_I8MM_DEPTH * pixels;
                if (fours > 2) {
                    vst1q_s8(to, bc_i8mm_second(a, b));
                    vst1q_s8(to + 16, bc_i8mm_second(c, d));
                    to += BC_I8MM_DEPTH * pixels;
                }
            }
            x0 += l->depth.step;
            x1 += l->depth.step;
            x2 += l->depth.step;
            x3 += l->depth.step;
        }
    }
}

/* Numbers of a block's channels as the four sums of two pixels have them. */
typedef struct {
    int32x4_t of[4];
} bc_i8mm_each;

static BC_INLINE bc_i8mm_each bc_i8mm_spread(const int32_t *from)
{
    const int32x4_t low = vld1q_s32(from), high = vld1q_s32(from + 4);
    const bc_i8mm_each each = {
        {vuzp1q_s32(low, low), vuzp2q_s32(low, low), vuzp1q_s32(high, high), vuzp2q_s32(high, high)}};
    return each;
}

/* A block's way out. */
typedef struct {
    bc_i8mm_each mult, lift;
    int16x8_t zero;
} bc_i8mm_way;

static BC_INLINE bc_i8mm_way bc_i8mm_way_out(const bc_neon_layer *l, const int32_t *channels, int32_t mode)
{
    bc_i8mm_way way;
    way.mult = bc_i8mm_spread(channels + 8);
    if (mode == BC_NEON_ONCE) {
        way.lift.of[0] = way.lift.of[1] = way.lift.of[2] = way.lift.of[3] = l->lift;
    } else {
        way.lift = bc_i8mm_spread(channels + 16);
    }
    way.zero = l->zero;
    return way;
}

/* Four channels of two pixels in steps of 2**5, zero point added: half 0 of a block, or 1. */
static BC_INLINE int16x8_t bc_i8mm_steps(const bc_i8mm_way *way, int32_t half, int32x4_t a, int32x4_t b, int32_t mode)
{
    const int16x8_t even = bc_neon_rescale(a, way->mult.of[2 * half], way->lift.of[2 * half], mode);
    const int16x8_t odd = bc_neon_rescale(b, way->mult.of[2 * half + 1], way->lift.of[2 * half + 1], mode);
    return vqaddq_s16(vtrn2q_s16(even, odd), way->zero);
}

/* The results of two pixels, without bounds: four channels of each, and four more. */
static BC_INLINE int8x16_t bc_i8mm_results(
    const bc_i8mm_way *way, int32x4_t a, int32x4_t b, int32x4_t c, int32x4_t d, int32_t mode)
{
    return vqrshrn_high_n_s16(vqrshrn_n_s16(bc_i8mm_steps(way, 0, a, b, mode), BC_NEON_STEP),
                              bc_i8mm_steps(way, 1, c, d, mode), BC_NEON_STEP);
}

/* Those of two pixels and of two more, stored. */
static BC_INLINE void bc_i8mm_store(int8x16_t two, int8x16_t more, int8_t *y, ptrdiff_t y_step)
{
    const int32x4_t first = vreinterpretq_s32_s8(two), second = vreinterpretq_s32_s8(more);
    const int8x16_t even = vreinterpretq_s8_s32(vuzp1q_s32(first, second));
    const int8x16_t odd = vreinterpretq_s8_s32(vuzp2q_s32(first, second));
    vst1_s8(y, vget_low_s8(even));
    vst1_s8(y + y_step, vget_low_s8(odd));
    vst1_s8(y + 2 * y_step, vget_high_s8(even));
    vst1_s8(y + 3 * y_step, vget_high_s8(odd));
}

/* Two pixels where no vector sequence is exact: `count` channels of the first one or of both. */
static BC_INLINE void bc_i8mm_scalar(
    const bc_neon_layer *l, const int32_t *channels, int32x4_t a, int32x4_t b, int32x4_t c, int32x4_t d, int32_t pixels,
    int8_t *y, ptrdiff_t y_step, int32_t count)
{
    if (pixels > 0) {
        bc_neon_scalar(l, channels, vzip1q_s32(a, b), vzip1q_s32(c, d), y, count);
    }
    if (pixels > 1) {
        bc_neon_scalar(l, channels, vzip2q_s32(a, b), vzip2q_s32(c, d), y + y_step, count);
    }
}

/* The sums of the Kth two pixels: named, since compilers keep no array of sixteen in registers at every level. */
#define BC_I8MM_BEGIN(K) int32x4_t a##K = bias.of[0], b##K = bias.of[1], c##K = bias.of[2], d##K = bias.of[3]
#define BC_I8MM_ADD(K)                                  \
    a##K = vmmlaq_s32(a##K, of.val[K], weights.val[0]); \
    b##K = vmmlaq_s32(b##K, of.val[K], weights.val[1]); \
    c##K = vmmlaq_s32(c##K, of.val[K], weights.val[2]); \
    d##K = vmmlaq_s32(d##K, of.val[K], weights.val[3])
#define BC_I8MM_RESULTS(K) int8x16_t r##K = bc_i8mm_results(&way, a##K, b##K, c##K, d##K, mode)
#define BC_I8MM_CLAMP(K) r##K = vminq_s8(vmaxq_s8(r##K, low), high)
#define BC_I8MM_SCALAR(K) \
    bc_i8mm_scalar(       \
        l, channels, a##K, b##K, c##K, d##K, pixels - 2 * K, y + 2 * K * y_step, y_step, left)

/* Eight bytes deep, of eight or four pixels. */
#define BC_I8MM_STEP_8(AT)                                      \
    do {                                                        \
        const int8x16x4_t of = vld1q_s8_x4(x + 64 * (AT));      \
        const int8x16x4_t weights = vld1q_s8_x4(w + 64 * (AT)); \
        BC_I8MM_ADD(0);                                         \
        BC_I8MM_ADD(1);                                         \
        BC_I8MM_ADD(2);                                         \
        BC_I8MM_ADD(3);                                         \
    } while (0)
#define BC_I8MM_STEP_4(AT)                                      \
    do {                                                        \
        const int8x16x2_t of = vld1q_s8_x2(x + 32 * (AT));      \
        const int8x16x4_t weights = vld1q_s8_x4(w + 64 * (AT)); \
        BC_I8MM_ADD(0);                                         \
        BC_I8MM_ADD(1);                                         \
    } while (0)

/* A block of channels, of which `left` count, of eight packed pixels, of which `pixels` count: to y, or to `bytes`. */
static BC_INLINE void bc_i8mm_block_8(
    const bc_neon_layer *l, int64_t eights, const int8_t *w, const int32_t *channels, int32_t pixels, int8_t *y,
    ptrdiff_t y_step, int32_t left, int32_t mode)
{
    const int8_t *x = l->own;
    const bc_i8mm_each bias = bc_i8mm_spread(channels);
    BC_I8MM_BEGIN(0);
    BC_I8MM_BEGIN(1);
    BC_I8MM_BEGIN(2);
    BC_I8MM_BEGIN(3);
    for (int64_t k = eights / 2; k > 0; --k, x += 128, w += 128) {
        BC_I8MM_STEP_8(0);
        BC_I8MM_STEP_8(1);
    }
    if (eights & 1) {
        BC_I8MM_STEP_8(0);
    }
    if (mode == BC_NEON_SCALAR) {
        BC_I8MM_SCALAR(0);
        BC_I8MM_SCALAR(1);
        BC_I8MM_SCALAR(2);
        BC_I8MM_SCALAR(3);
    } else {
        const bc_i8mm_way way = bc_i8mm_way_out(l, channels, mode);
        BC_I8MM_RESULTS(0);
        BC_I8MM_RESULTS(1);
        BC_I8MM_RESULTS(2);
        BC_I8MM_RESULTS(3);
        if (l->clamped) {
            const int8x16_t low = l->low, high = l->high;
            BC_I8MM_CLAMP(0);
            BC_I8MM_CLAMP(1);
            BC_I8MM_CLAMP(2);
            BC_I8MM_CLAMP(3);
        }
        bc_i8mm_store(r0, r1, y, y_step);
        bc_i8mm_store(r2, r3, y + 4 * y_step, y_step);
    }
}

static BC_INLINE void bc_i8mm_block_4(
    const bc_neon_layer *l, int64_t eights, const int8_t *w, const int32_t *channels, int32_t pixels, int8_t *y,
    ptrdiff_t y_step, int32_t left, int32_t mode)
{
    const int8_t *x = l->own;
    const bc_i8mm_each bias = bc_i8mm_spread(channels);
    BC_I8MM_BEGIN(0);
    BC_I8MM_BEGIN(1);
    for (int64_t k = eights / 2; k > 0; --k, x += 64, w += 128) {
        BC_I8MM_STEP_4(0);
        BC_I8MM_STEP_4(1);
    }
    if (eights & 1) {
        BC_I8MM_STEP_4(0);
    }
    if (mode == BC_NEON_SCALAR) {
        BC_I8MM_SCALAR(0);
        BC_I8MM_SCALAR(1);
    } else {
        const bc_i8mm_way way = bc_i8mm_way_out(l, channels, mode);
        BC_I8MM_RESULTS(0);
        BC_I8MM_RESULTS(1);
        if (l->clamped) {
            const int8x16_t low = l->low, high = l->high;
            BC_I8MM_CLAMP(0);
            BC_I8MM_CLAMP(1);
        }
        bc_i8mm_store(r0, r1, y, y_step);
    }
}

/* All channels of up to P pixels; windows behind the last one are read but not used. */
#define BC_I8MM_SOME(P)                                                                                            \
    static BC_INLINE void bc_i8mm_some_##P(                                                                        \
        const bc_neon_layer *l, const int8_t *const *x, int32_t pixels, int8_t *y, ptrdiff_t y_step, int32_t mode) \
    {                                                                                                              \
        const int64_t eights = bc_i8mm_eights(l);                                                                  \
        const int8_t *w = l->w;                                                                                    \
        const int32_t *channels = l->channels;                                                                     \
        bc_i8mm_pack(l, x, P);                                                                                     \
        for (int32_t left = l->out_c; left > 0; left -= BC_NEON_BLOCK, y += BC_NEON_BLOCK) {                       \
            if (mode == BC_NEON_SCALAR || (pixels == P && left >= BC_NEON_BLOCK)) {                                \
                bc_i8mm_block_##P(l, eights, w, channels, pixels, y, y_step, left, mode);                          \
            } else {                                                                                               \
                int8_t bytes[P * BC_NEON_BLOCK];                                                                   \
                bc_i8mm_block_##P(l, eights, w, channels, pixels, bytes, BC_NEON_BLOCK, left, mode);               \
                for (int32_t k = 0; k < pixels; ++k) {                                                             \
                    bc_neon_store(y + k * y_step, vld1_s8(bytes + k * BC_NEON_BLOCK), left);                       \
                }                                                                                                  \
            }                                                                                                      \
            w += BC_NEON_BLOCK * BC_I8MM_DEPTH * eights;                                                           \
            channels += bc_neon_each(l);                                                                           \
        }                                                                                                          \
    }
BC_I8MM_SOME(8)
BC_I8MM_SOME(4)

static BC_INLINE void bc_i8mm_any(
    const bc_neon_layer *l, const int8_t *const x[8], int32_t pixels, int8_t *y, ptrdiff_t y_step, int32_t mode)
{
    if (pixels > 4) {
        bc_i8mm_some_8(l, x, pixels, y, y_step, mode);
    } else {
        bc_i8mm_some_4(l, x, pixels, y, y_step, mode);
    }
}
BC_NEON_TILE(bc_i8mm)

#endif
