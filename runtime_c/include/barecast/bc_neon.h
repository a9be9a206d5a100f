/* SPDX-License-Identifier: 0BSD */
/*
 * What the int8 kernels for vectors of Cortex-A share: the order of the weights, and the way out of the accumulators.
 *
 * Eight output channels are a block; behind the last one stand zeros (sdk/barecast/layouts/neon.py):
 *
 *   channels [blocks][bias, multiplier (, lift)][8] int32_t; 52 - shift if each channel has its own
 *
 * A tile is eight pixels, or fewer, by a block. A pixel's window is read in segments of equal size, equally far apart
 * in memory: the rows of a window that lies on x, or one segment where it has been gathered.
 */
#ifndef BC_NEON_H
#define BC_NEON_H

#include <arm_neon.h>
#include <stddef.h>

#include "barecast/bc_bytes_neon.h"
#include "barecast/bc_math.h"

/* One copy for all steps, whatever the compiler thinks. */
#if defined(__clang__)
#define BC_NEON_SHARED static __attribute__((noinline, unused))
#else
#define BC_NEON_SHARED static __attribute__((noinline, noclone, unused))
#endif

#define BC_NEON_PIXELS 8
#define BC_NEON_BLOCK 8

/*
 * How accumulators become results, known at compile time. All shifts are of 32 or more, n = shift - 31:
 * ONCE: floor(acc * mult / 2**shift + 1/2). SQDMULH is floor(2 * acc * mult / 2**32), which saturates only where both
 *       are INT32_MIN: a step of the output is 2**n of its own. ONCE_EACH: with a shift for each channel.
 * TWICE: gemmlowp's double rounding with a shift for each channel. SQRDMULH is floor((2 * acc * mult + 2**31) / 2**32);
 *       then halves away from zero, which is one less where that is negative, and halves up.
 * SCALAR: anything else, by bc_requantize.
 * SQSHL by 16 + 5 - n makes a step 2**21, saturates beyond 1024 steps, and cuts off places below the half's, as does
 * taking the high half. Then a step is 2**5: the zero point fits in, and SQRSHRN rounds halves up and saturates.
 */
enum { BC_NEON_ONCE, BC_NEON_ONCE_EACH, BC_NEON_TWICE, BC_NEON_SCALAR };

#define BC_NEON_STEP 5

static BC_INLINE int32_t bc_neon_mode(int32_t shift, int32_t ties)
{
    return ties == BC_TIES_TFLITE          ? BC_NEON_TWICE
           : ties == BC_TIES_TFLITE_SINGLE ? BC_NEON_ONCE_EACH
           : !ties && shift >= 32          ? BC_NEON_ONCE
                                           : BC_NEON_SCALAR;
}

/* How the windows lie: segments, each of 16 * chunks + 4 * fours bytes, `step` bytes from one to the next. */
typedef struct {
    int64_t segments, chunks, fours, step;
} bc_neon_depth;

/*
 * A layer's constants; the first ones stand where the tiles' assembly finds them. zero: in steps of 2**5; lift: of
 * BC_NEON_ONCE; low, high: bounds of the results, which count only if clamped is not 0; block: bytes of a block's
 * weights; y_zero .. ties: as in its params; own: scratch memory of the tile's own, as much as it wants.
 */
typedef struct {
    bc_neon_depth depth;
    int16x8_t zero;
    int32x4_t lift;
    int8x16_t low, high;
    int64_t clamped;
    const int8_t *w;
    const int32_t *channels;
    int64_t block;
    int32_t out_c;
    int32_t y_zero, y_min, y_max;
    int32_t shift, ties;
    int8_t *own;
} bc_neon_layer;

/* segments: of `size` bytes, whole words. */
static BC_INLINE bc_neon_layer bc_neon_layer_of(
    const int8_t *w, const int32_t *channels, int32_t segments, int32_t size, int64_t step, int32_t out_c,
    int32_t y_zero, int32_t y_min, int32_t y_max, int32_t shift, int32_t ties, int8_t *own)
{
    const bc_neon_layer l = {{segments, size / 16, size % 16 / 4, step},
                             vdupq_n_s16((int16_t)(y_zero * (1 << BC_NEON_STEP))),
                             vdupq_n_s32(31 + 16 + BC_NEON_STEP - shift),
                             vdupq_n_s8((int8_t)y_min),
                             vdupq_n_s8((int8_t)y_max),
                             y_min > INT8_MIN || y_max < INT8_MAX,
                             w,
                             channels,
                             (int64_t)BC_NEON_BLOCK * segments * size,
                             out_c,
                             y_zero,
                             y_min,
                             y_max,
                             shift,
                             ties,
                             own};
    return l;
}

/* Constants of a block from one to the next. */
static BC_INLINE int32_t bc_neon_each(const bc_neon_layer *l)
{
    return l->ties < BC_TIES_TFLITE ? 2 * BC_NEON_BLOCK : 3 * BC_NEON_BLOCK;
}

/* A block's way out. */
typedef struct {
    int32x4_t mult[2], lift[2];
    int16x8_t zero;
} bc_neon_way;

static BC_INLINE bc_neon_way bc_neon_way_out(const bc_neon_layer *l, const int32_t *channels, int32_t mode)
{
    bc_neon_way way;
    for (int32_t h = 0; h < 2; ++h) {
        way.mult[h] = vld1q_s32(channels + 8 + 4 * h);
        way.lift[h] = mode == BC_NEON_ONCE ? l->lift : vld1q_s32(channels + 16 + 4 * h);
    }
    way.zero = l->zero;
    return way;
}

/* Four accumulators, bias included, in steps of 2**21, as halves of words. */
static BC_INLINE int16x8_t bc_neon_rescale(int32x4_t acc, int32x4_t mult, int32x4_t lift, int32_t mode)
{
    if (mode != BC_NEON_TWICE) {
        return vreinterpretq_s16_s32(vqshlq_s32(vqdmulhq_s32(acc, mult), lift));
    }
    const int32x4_t value = vqrdmulhq_s32(acc, mult);
    return vreinterpretq_s16_s32(vqshlq_s32(vsraq_n_s32(value, value, 31), lift));
}

/* The high halves of eight words. */
static BC_INLINE int16x8_t bc_neon_high_halves(int16x8_t a, int16x8_t b)
{
#ifdef __aarch64__
    return vuzp2q_s16(a, b);
#else
    return vuzpq_s16(a, b).val[1];
#endif
}

/* Eight accumulators in steps of 2**5, zero point added. */
static BC_INLINE int16x8_t bc_neon_steps(const bc_neon_way *way, int32x4_t a, int32x4_t b, int32_t mode)
{
    const int16x8_t left = bc_neon_rescale(a, way->mult[0], way->lift[0], mode);
    const int16x8_t right = bc_neon_rescale(b, way->mult[1], way->lift[1], mode);
    return vqaddq_s16(bc_neon_high_halves(left, right), way->zero);
}

/* Two pixels' steps as bytes, within the layer's bounds. Few layers have narrower ones than int8's. */
static BC_INLINE int8x16_t bc_neon_bytes(const bc_neon_layer *l, int16x8_t first, int16x8_t second)
{
#ifdef __aarch64__
    const int8x16_t both = vqrshrn_high_n_s16(vqrshrn_n_s16(first, BC_NEON_STEP), second, BC_NEON_STEP);
#else
    const int8x16_t both = vcombine_s8(vqrshrn_n_s16(first, BC_NEON_STEP), vqrshrn_n_s16(second, BC_NEON_STEP));
#endif
    return l->clamped ? vminq_s8(vmaxq_s8(both, l->low), l->high) : both;
}

/* The first count <= 8 bytes. */
static BC_INLINE void bc_neon_store_some(int8_t *y, int8x8_t values, int32_t count)
{
    int8_t bytes[BC_NEON_BLOCK];
    vst1_s8(bytes, values);
    for (int32_t k = 0; k < count; ++k) {
        BC_NEON_OWN_LOOP;
        y[k] = bytes[k];
    }
}

static BC_INLINE void bc_neon_store(int8_t *y, int8x8_t values, int32_t count)
{
    if (count >= BC_NEON_BLOCK) {
        vst1_s8(y, values);
    } else {
        bc_neon_store_some(y, values, count);
    }
}

/* One pixel's results where no vector sequence is exact: of count channels from the block at `channels` on. */
static BC_INLINE void bc_neon_scalar(
    const bc_neon_layer *l, const int32_t *channels, int32x4_t a, int32x4_t b, int8_t *y, int32_t count)
{
    int32_t sums[BC_NEON_BLOCK];
    vst1q_s32(sums, a);
    vst1q_s32(sums + 4, b);
    for (int32_t k = 0; k < BC_NEON_BLOCK && k < count; ++k) {
        y[k] = bc_requantize_s8(sums[k], channels[8 + k], l->shift, l->ties, l->y_zero, l->y_min, l->y_max);
    }
}

/* The results of two pixels, stored; of the first one only if y1 is null. */
static BC_INLINE void bc_neon_finish(
    const bc_neon_layer *l, const bc_neon_way *way, const int32_t *channels, int32x4_t a0, int32x4_t b0, int32x4_t a1,
    int32x4_t b1, int8_t *y0, int8_t *y1, int32_t count, int32_t mode)
{
    if (mode == BC_NEON_SCALAR) {
        bc_neon_scalar(l, channels, a0, b0, y0, count);
        if (y1) {
            bc_neon_scalar(l, channels, a1, b1, y1, count);
        }
        return;
    }
    const int8x16_t both = bc_neon_bytes(l, bc_neon_steps(way, a0, b0, mode), bc_neon_steps(way, a1, b1, mode));
    bc_neon_store(y0, vget_low_s8(both), count);
    if (y1) {
        bc_neon_store(y1, vget_high_s8(both), count);
    }
}

/* All channels of 1 to 8 pixels, by a constant mode; x has eight windows, of which those behind `pixels` may be any. */
typedef void (*bc_neon_pixels)(
    const bc_neon_layer *l, const int8_t *const x[8], int32_t pixels, int8_t *y, ptrdiff_t y_step, int32_t mode);

/* PREFIX_pixels, a bc_neon_pixels, from PREFIX_any, which is inlined once for each mode. */
#define BC_NEON_PIXELS_OF(PREFIX, NAME, MODE)                                                          \
    BC_NEON_SHARED void PREFIX##_##NAME(                                                               \
        const bc_neon_layer *l, const int8_t *const x[8], int32_t pixels, int8_t *y, ptrdiff_t y_step) \
    {                                                                                                  \
        PREFIX##_any(l, x, pixels, y, y_step, MODE);                                                   \
    }
#define BC_NEON_TILE(PREFIX)                                                                                         \
    BC_NEON_PIXELS_OF(PREFIX, once, BC_NEON_ONCE)                                                                    \
    BC_NEON_PIXELS_OF(PREFIX, once_each, BC_NEON_ONCE_EACH)                                                          \
    BC_NEON_PIXELS_OF(PREFIX, twice, BC_NEON_TWICE)                                                                  \
    BC_NEON_PIXELS_OF(PREFIX, one_by_one, BC_NEON_SCALAR)                                                            \
    static BC_INLINE void PREFIX##_pixels(                                                                           \
        const bc_neon_layer *l, const int8_t *const x[8], int32_t pixels, int8_t *y, ptrdiff_t y_step, int32_t mode) \
    {                                                                                                                \
        if (mode == BC_NEON_ONCE) {                                                                                  \
            PREFIX##_once(l, x, pixels, y, y_step);                                                                  \
        } else if (mode == BC_NEON_ONCE_EACH) {                                                                      \
            PREFIX##_once_each(l, x, pixels, y, y_step);                                                             \
        } else if (mode == BC_NEON_TWICE) {                                                                          \
            PREFIX##_twice(l, x, pixels, y, y_step);                                                                 \
        } else {                                                                                                     \
            PREFIX##_one_by_one(l, x, pixels, y, y_step);                                                            \
        }                                                                                                            \
    }

#endif
