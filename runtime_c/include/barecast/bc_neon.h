/* SPDX-License-Identifier: 0BSD */
/*
 * What the int8 kernels for AArch64's vectors share: the order of the weights, and the way out of the accumulators.
 *
 * Eight output channels are a block; behind the last one stand zeros (sdk/barecast/layouts/neon.py):
 *
 *   channels [blocks][bias, multiplier (, -right)][8] int32_t; right shifts if each channel has its own
 *
 * A tile is eight pixels, or fewer, by a block. A pixel's window is read in segments of equal size, equally far apart
 * in memory: the rows of a window that lies on x, or one segment where it has been gathered.
 */
#ifndef BC_NEON_H
#define BC_NEON_H

#include <arm_neon.h>

#include "barecast/bc_bytes_neon.h"
#include "barecast/bc_math.h"

#if !defined(__aarch64__)
#error "this kernel is for AArch64"
#endif

/* One copy for all steps, whatever the compiler thinks. */
#if defined(__clang__)
#define BC_NEON_SHARED static __attribute__((noinline, unused))
#else
#define BC_NEON_SHARED static __attribute__((noinline, noclone, unused))
#endif

#define BC_NEON_PIXELS 8
#define BC_NEON_BLOCK 8

/*
 * How accumulators become results, known at compile time.
 * ONCE: floor(acc * mult / 2**shift + 1/2) with shift >= 32. SQDMULH is floor(2 * acc * mult / 2**32), which saturates
 *       only where both are INT32_MIN; SRSHL adds half of 2**n and shifts by n = shift - 31 >= 1 without overflow, and
 *       what SQDMULH has cut off lies below the half's last place. ONCE_EACH: with a shift for each channel.
 * TWICE: gemmlowp's double rounding with a shift >= 31 for each channel. SQRDMULH is floor((2 * acc * mult + 2**31) /
 *       2**32); then halves away from zero: one less where the value is negative and the right shift not nought, which
 *       is the sign of (value & -right); and SRSHL.
 * SCALAR: anything else, by bc_requantize.
 */
enum { BC_NEON_ONCE, BC_NEON_ONCE_EACH, BC_NEON_TWICE, BC_NEON_SCALAR };

/* Blocks of `channels` have shifts of their own under TensorFlow Lite's rules. */
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

/* A layer's constants. block: bytes of a block's weights; shift, ties: as in its params. */
typedef struct {
    bc_neon_depth depth;
    const int8_t *w;
    const int32_t *channels;
    int64_t block;
    int32_t out_c;
    int32_t zero, low, high;
    int32_t shift, ties;
} bc_neon_layer;

/* A block's way out. */
typedef struct {
    int32x4_t mult[2], right[2];
    int16x8_t zero;
    int8x16_t low, high;
} bc_neon_way;

static BC_INLINE bc_neon_way bc_neon_way_out(const bc_neon_layer *l, const int32_t *channels, int32_t mode)
{
    bc_neon_way way;
    for (int32_t h = 0; h < 2; ++h) {
        way.mult[h] = vld1q_s32(channels + 8 + 4 * h);
        way.right[h] = mode == BC_NEON_ONCE ? vdupq_n_s32(31 - l->shift) : vld1q_s32(channels + 16 + 4 * h);
    }
    way.zero = vdupq_n_s16((int16_t)l->zero);
    way.low = vdupq_n_s8((int8_t)l->low);
    way.high = vdupq_n_s8((int8_t)l->high);
    return way;
}

/* Four accumulators, bias included, in steps of the output. */
static BC_INLINE int32x4_t bc_neon_rescale(int32x4_t acc, int32x4_t mult, int32x4_t right, int32_t mode)
{
    if (mode != BC_NEON_TWICE) {
        return vrshlq_s32(vqdmulhq_s32(acc, mult), right);
    }
    const int32x4_t value = vqrdmulhq_s32(acc, mult);
    return vrshlq_s32(vsraq_n_s32(value, vandq_s32(value, right), 31), right);
}

/* Eight accumulators as int16, zero point added. Saturation does no harm: what it changes lies beyond int8. */
static BC_INLINE int16x8_t bc_neon_steps(const bc_neon_way *way, int32x4_t a, int32x4_t b, int32_t mode)
{
    const int16x4_t left = vqmovn_s32(bc_neon_rescale(a, way->mult[0], way->right[0], mode));
    return vqaddq_s16(vqmovn_high_s32(left, bc_neon_rescale(b, way->mult[1], way->right[1], mode)), way->zero);
}

/* The results of two pixels. */
static BC_INLINE int8x16_t bc_neon_two(
    const bc_neon_way *way, int32x4_t a0, int32x4_t b0, int32x4_t a1, int32x4_t b1, int32_t mode)
{
    const int8x8_t first = vqmovn_s16(bc_neon_steps(way, a0, b0, mode));
    const int8x16_t both = vqmovn_high_s16(first, bc_neon_steps(way, a1, b1, mode));
    return vminq_s8(vmaxq_s8(both, way->low), way->high);
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
        y[k] = bc_requantize_s8(sums[k], channels[8 + k], l->shift, l->ties, l->zero, l->low, l->high);
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
    const int8x16_t both = bc_neon_two(way, a0, b0, a1, b1, mode);
    bc_neon_store(y0, vget_low_s8(both), count);
    if (y1) {
        bc_neon_store(y1, vget_high_s8(both), count);
    }
}

#endif
