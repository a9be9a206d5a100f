/* SPDX-License-Identifier: 0BSD */
/*
 * Tiles of sums for Armv7-A: VMULL and VMLAL add two products of bytes in a lane of 16 bits, VPADAL adds neighbouring
 * lanes to sums of 32 bits. Two products fit 16 bits unless both weights are -128, which the packer rules out
 * (sdk/barecast/layouts/neon_a32.py).
 *
 *   w [blocks][2 halves][segments]: [chunks][4 channels][32], then [4][16] if 16 bytes are left, then [4][16] for what
 *   is left behind these: 8 bytes or zeros, 4 or zeros, zeros; if there are 32 bytes in all, twice [4][16]
 *
 * A tile is two pixels by four channels: eight sums of four lanes each, which are added up at its end. In assembly, for
 * all 16 registers have a place; q0 and q1, or others that the compiler chooses, are the products and then the results.
 * Windows of up to 32 bytes stay in registers for all channels (bc_window_s8_a32_neon.h).
 */
#ifndef BC_TILE_S8_A32_NEON_H
#define BC_TILE_S8_A32_NEON_H

#include "barecast/bc_window_s8_a32_neon.h"

#if defined(__aarch64__) || defined(__ARM_BIG_ENDIAN)
#error "these tiles are for Armv7-A, little-endian"
#endif

/* How the windows lie: of bc_neon_depth, with rest for the words behind chunks of 32 bytes, and gap from the end of one
 * segment to the next. The assembly finds the fields by their places. */
typedef struct {
    int32_t segments, chunks, rest, gap;
} bc_a32_depth;

static BC_INLINE bc_a32_depth bc_a32_depth_of(const bc_neon_depth *depth)
{
    const int32_t words = 4 * (int32_t)depth->chunks + (int32_t)depth->fours;
    const bc_a32_depth d = {(int32_t)depth->segments, words / 8, words % 8, (int32_t)depth->step - 4 * words};
    return d;
}

/* Bytes that a channel's weights for a segment of `size` bytes take. */
static BC_INLINE int32_t bc_a32_filter(int32_t size)
{
    return (size + 15) / 16 * 16;
}

/* Products of 16 bytes of two pixels (or of one) by a channel's weights, added to its sums. */
#define BC_A32_16(S0, S1, X0, X0H, X1, X1H, W, WH)                                  \
    "vmull.s8 %q[a], d" #X0 ", d" #W "\n" "vmull.s8 %q[b], d" #X1 ", d" #W "\n"     \
    "vmlal.s8 %q[a], d" #X0H ", d" #WH "\n" "vmlal.s8 %q[b], d" #X1H ", d" #WH "\n" \
    "vpadal.s16 q" #S0 ", %q[a]\n" "vpadal.s16 q" #S1 ", %q[b]\n"

/* A channel with its weights, 32 bytes and 16. */
#define BC_A32_CHANNEL_32(S0, S1)             \
    "vld1.8 {d28-d31}, [%[w]]!\n"             \
    BC_A32_16(S0, S1, 20, 21, 24, 25, 28, 29) \
    BC_A32_16(S0, S1, 22, 23, 26, 27, 30, 31)
#define BC_A32_CHANNEL_16(S0, S1) \
    "vld1.8 {d28-d29}, [%[w]]!\n" \
    BC_A32_16(S0, S1, 20, 21, 24, 25, 28, 29)

/* The sums of two pixels, x0 and x1, by four channels: lane k of *a and *b is channel k. Returns the weights behind. */
static BC_INLINE const int8_t *bc_a32_two(
    const bc_a32_depth *depth, const int8_t *x0, const int8_t *x1, const int8_t *w, int32x4_t *a, int32x4_t *b)
{
    int32_t left, segments;
    int32x4_t first, second;
    __asm__ volatile(
        "vmov.i32 q2, #0\n" "vmov.i32 q3, #0\n" "vmov.i32 q4, #0\n" "vmov.i32 q5, #0\n"
        "vmov.i32 q6, #0\n" "vmov.i32 q7, #0\n" "vmov.i32 q8, #0\n" "vmov.i32 q9, #0\n"
        "ldr %[segments], [%[d]]\n"
        "1:\n"
        "ldr %[left], [%[d], #4]\n"
        "cmp %[left], #0\n"
        "beq 3f\n"
        "2:\n"
        "vld1.8 {d20-d23}, [%[x0]]!\n"
        "vld1.8 {d24-d27}, [%[x1]]!\n"
        "subs %[left], %[left], #1\n"
        BC_A32_CHANNEL_32(2, 6) BC_A32_CHANNEL_32(3, 7) BC_A32_CHANNEL_32(4, 8) BC_A32_CHANNEL_32(5, 9)
        "bne 2b\n"
        "3:\n"
        "ldr %[left], [%[d], #8]\n"
        "cmp %[left], #0\n"
        "beq 8f\n"
        "tst %[left], #4\n"
        "beq 5f\n"
        "vld1.8 {d20-d21}, [%[x0]]!\n"
        "vld1.8 {d24-d25}, [%[x1]]!\n"
        "4:\n"
        BC_A32_CHANNEL_16(2, 6) BC_A32_CHANNEL_16(3, 7) BC_A32_CHANNEL_16(4, 8) BC_A32_CHANNEL_16(5, 9)
        "5:\n"
        "ands %[left], %[left], #3\n"
        "beq 8f\n"
        "vmov.i32 q10, #0\n"
        "vmov.i32 q12, #0\n"
        "tst %[left], #2\n"
        "beq 6f\n"
        "vld1.8 {d20}, [%[x0]]!\n"
        "vld1.8 {d24}, [%[x1]]!\n"
        "6:\n"
        "tst %[left], #1\n"
        "mov %[left], #0\n"
        "beq 4b\n"
        "vld1.32 {d21[0]}, [%[x0]]!\n"
        "vld1.32 {d25[0]}, [%[x1]]!\n"
        "b 4b\n"
        "8:\n"
        "subs %[segments], %[segments], #1\n"
        "ldr %[left], [%[d], #12]\n"
        "add %[x0], %[x0], %[left]\n"
        "add %[x1], %[x1], %[left]\n"
        "bne 1b\n"
        "vpadd.i32 d4, d4, d5\n" "vpadd.i32 d5, d6, d7\n" "vpadd.i32 d6, d8, d9\n" "vpadd.i32 d7, d10, d11\n"
        "vpadd.i32 d12, d12, d13\n" "vpadd.i32 d13, d14, d15\n" "vpadd.i32 d14, d16, d17\n"
        "vpadd.i32 d15, d18, d19\n"
        "vpadd.i32 %e[a], d4, d5\n" "vpadd.i32 %f[a], d6, d7\n"
        "vpadd.i32 %e[b], d12, d13\n" "vpadd.i32 %f[b], d14, d15\n"
        : [w] "+&r"(w), [x0] "+&r"(x0), [x1] "+&r"(x1), [left] "=&r"(left), [segments] "=&r"(segments),
          [a] "=&w"(first), [b] "=&w"(second)
        : [d] "r"(depth)
        : "q2", "q3", "q4", "q5", "q6", "q7", "q8", "q9", "q10", "q11", "q12", "q13", "q14", "q15", "cc", "memory");
    *a = first;
    *b = second;
    return w;
}

/* The same for one pixel: its 32 bytes, or 16, by a channel's weights. */
#define BC_A32_ONE_32(S)                                      \
    "vld1.8 {d28-d31}, [%[w]]!\n"                             \
    "vmull.s8 %q[a], d20, d28\n" "vmull.s8 %q[b], d22, d30\n" \
    "vmlal.s8 %q[a], d21, d29\n" "vmlal.s8 %q[b], d23, d31\n" \
    "vpadal.s16 q" #S ", %q[a]\n" "vpadal.s16 q" #S ", %q[b]\n"
#define BC_A32_ONE_16(S)          \
    "vld1.8 {d28-d29}, [%[w]]!\n" \
    "vmull.s8 %q[a], d20, d28\n"  \
    "vmlal.s8 %q[a], d21, d29\n"  \
    "vpadal.s16 q" #S ", %q[a]\n"

/* The sums of a pixel by four channels; *weights goes on to the next half. */
static BC_INLINE int32x4_t bc_a32_one(const bc_a32_depth *depth, const int8_t *x, const int8_t **weights)
{
    const int8_t *w = *weights;
    int32_t left, segments;
    int32x4_t sums, second;
    __asm__ volatile(
        "vmov.i32 q2, #0\n" "vmov.i32 q3, #0\n" "vmov.i32 q4, #0\n" "vmov.i32 q5, #0\n"
        "ldr %[segments], [%[d]]\n"
        "1:\n"
        "ldr %[left], [%[d], #4]\n"
        "cmp %[left], #0\n"
        "beq 3f\n"
        "2:\n"
        "vld1.8 {d20-d23}, [%[x]]!\n"
        "subs %[left], %[left], #1\n"
        BC_A32_ONE_32(2) BC_A32_ONE_32(3) BC_A32_ONE_32(4) BC_A32_ONE_32(5)
        "bne 2b\n"
        "3:\n"
        "ldr %[left], [%[d], #8]\n"
        "cmp %[left], #0\n"
        "beq 8f\n"
        "tst %[left], #4\n"
        "beq 5f\n"
        "vld1.8 {d20-d21}, [%[x]]!\n"
        "4:\n"
        BC_A32_ONE_16(2) BC_A32_ONE_16(3) BC_A32_ONE_16(4) BC_A32_ONE_16(5)
        "5:\n"
        "ands %[left], %[left], #3\n"
        "beq 8f\n"
        "vmov.i32 q10, #0\n"
        "tst %[left], #2\n"
        "beq 6f\n"
        "vld1.8 {d20}, [%[x]]!\n"
        "6:\n"
        "tst %[left], #1\n"
        "mov %[left], #0\n"
        "beq 4b\n"
        "vld1.32 {d21[0]}, [%[x]]!\n"
        "b 4b\n"
        "8:\n"
        "subs %[segments], %[segments], #1\n"
        "ldr %[left], [%[d], #12]\n"
        "add %[x], %[x], %[left]\n"
        "bne 1b\n"
        "vpadd.i32 d4, d4, d5\n" "vpadd.i32 d5, d6, d7\n" "vpadd.i32 d6, d8, d9\n" "vpadd.i32 d7, d10, d11\n"
        "vpadd.i32 %e[a], d4, d5\n" "vpadd.i32 %f[a], d6, d7\n"
        : [w] "+&r"(w), [x] "+&r"(x), [left] "=&r"(left), [segments] "=&r"(segments), [a] "=&w"(sums), [b] "=&w"(second)
        : [d] "r"(depth)
        : "q2", "q3", "q4", "q5", "q10", "q11", "q14", "q15", "cc", "memory");
    *weights = w;
    return sums;
}

/* Four bytes in a lane of 32 bits. (In assembly, since compilers take a word's address for a multiple of 4.) */
#define BC_A32_STORE(LANE, Y, VALUES) \
    __asm__ volatile("vst1.32 {%P[v][" #LANE "]}, [%[y]]" : : [v] "w"(VALUES), [y] "r"(Y) : "memory")

/*
 * Four channels' sums of two pixels become results; left: channels from here on; pixels: 1 or 2, a constant.
 * at: the half's biases in the block of `channels`.
 */
static BC_INLINE void bc_a32_finish(
    const bc_neon_layer *l, const int32_t *at, int32x4_t a, int32x4_t b, int8_t *y0, int8_t *y1, int32_t left,
    int32_t pixels, int32_t mode)
{
    const int32x4_t bias = vld1q_s32(at);
    a = vaddq_s32(a, bias);
    b = vaddq_s32(b, bias);
    if (mode == BC_NEON_SCALAR) {
        int32_t sums[8];
        vst1q_s32(sums, a);
        vst1q_s32(sums + 4, b);
        for (int32_t k = 0; k < 4 && k < left; ++k) {
            y0[k] = bc_requantize_s8(sums[k], at[8 + k], l->shift, l->ties, l->y_zero, l->y_min, l->y_max);
            if (pixels > 1) {
                y1[k] = bc_requantize_s8(sums[4 + k], at[8 + k], l->shift, l->ties, l->y_zero, l->y_min, l->y_max);
            }
        }
        return;
    }
    const int32x4_t mult = vld1q_s32(at + 8), lift = mode == BC_NEON_ONCE ? l->lift : vld1q_s32(at + 16);
    const int16x8_t steps =
        bc_neon_high_halves(bc_neon_rescale(a, mult, lift, mode), bc_neon_rescale(b, mult, lift, mode));
    int8x8_t both = vqrshrn_n_s16(vqaddq_s16(steps, l->zero), BC_NEON_STEP);
    if ((int32_t)l->clamped) {
        both = vmin_s8(vmax_s8(both, vdup_n_s8((int8_t)l->y_min)), vdup_n_s8((int8_t)l->y_max));
    }
    if (left >= 4) {
        BC_A32_STORE(0, y0, both);
        if (pixels > 1) {
            BC_A32_STORE(1, y1, both);
        }
    } else {
        int8_t bytes[8];
        vst1_s8(bytes, both);
        for (int32_t k = 0; k < left; ++k) {
            BC_NEON_OWN_LOOP;
            y0[k] = bytes[k];
            if (pixels > 1) {
                y1[k] = bytes[4 + k];
            }
        }
    }
}

/* Four channels of two pixels, or of one; returns the weights of the next half. */
static BC_INLINE const int8_t *bc_a32_half(
    const bc_neon_layer *l, const bc_a32_depth *depth, const int8_t *const x[2], const int8_t *w, const int32_t *at,
    int8_t *y0, int8_t *y1, int32_t left, int32_t pixels, int32_t mode)
{
    int32x4_t a, b;
    if (pixels > 1) {
        w = bc_a32_two(depth, x[0], x[1], w, &a, &b);
    } else {
        b = a = bc_a32_one(depth, x[0], &w);
    }
    bc_a32_finish(l, at, a, b, y0, y1, left, pixels, mode);
    return w;
}

/* All channels of two pixels, or of one. */
static BC_INLINE void bc_a32_channels(
    const bc_neon_layer *l, const bc_a32_depth *depth, const int8_t *const x[2], int8_t *y, ptrdiff_t y_step,
    int32_t pixels, int32_t mode)
{
    const int8_t *w = l->w;
    const int32_t *at = l->channels;
    int8_t *y1 = y + (pixels > 1 ? y_step : 0);
    for (int32_t left = l->out_c; left > 0; left -= BC_NEON_BLOCK) {
        w = bc_a32_half(l, depth, x, w, at, y, y1, left, pixels, mode);
        if (left > 4) {
            w = bc_a32_half(l, depth, x, w, at + 4, y + 4, y1 + 4, left - 4, pixels, mode);
        }
        at += bc_neon_each(l);
        y += BC_NEON_BLOCK;
        y1 += BC_NEON_BLOCK;
    }
}

/* All channels of two pixels with windows of up to 16 * sixteens bytes. */
static BC_INLINE void bc_a32_channels_short(
    const bc_neon_layer *l, const bc_a32_window x[2], int8_t *y, ptrdiff_t y_step, int32_t sixteens, int32_t mode)
{
    const int8_t *w = l->w;
    const int32_t *at = l->channels, half = bc_neon_each(l) - 4;
    for (int32_t left = l->out_c; left > 0; left -= BC_NEON_BLOCK, at += half, y += 4) {
        int32x4_t a, b;
        w = bc_a32_two_short(x, w, sixteens, &a, &b);
        bc_a32_finish(l, at, a, b, y, y + y_step, left, 2, mode);
        at += 4;
        y += 4;
        if (left > 4) {
            w = bc_a32_two_short(x, w, sixteens, &a, &b);
            bc_a32_finish(l, at, a, b, y, y + y_step, left - 4, 2, mode);
        }
    }
}

/* All channels of 1 to 8 pixels. */
static BC_INLINE void bc_a32_any(
    const bc_neon_layer *l, const int8_t *const x[8], int32_t pixels, int8_t *y, ptrdiff_t y_step, int32_t mode)
{
    const bc_a32_depth depth = bc_a32_depth_of(&l->depth);
    const int32_t words = 8 * depth.chunks + depth.rest;
    if (depth.segments == 1 && words <= 8) {
        for (; pixels > 0; pixels -= 2, x += 2, y += 2 * y_step) { /* a last one twice, at the same place */
            const int32_t other = pixels > 1;
            const bc_a32_window windows[2] = {bc_a32_window_of(x[0], words), bc_a32_window_of(x[other], words)};
            if (words <= 4) {
                bc_a32_channels_short(l, windows, y, other * y_step, 1, mode);
            } else {
                bc_a32_channels_short(l, windows, y, other * y_step, 2, mode);
            }
        }
        return;
    }
    for (; pixels > 1; pixels -= 2, x += 2, y += 2 * y_step) {
        bc_a32_channels(l, &depth, x, y, y_step, 2, mode);
    }
    if (pixels == 1) {
        bc_a32_channels(l, &depth, x, y, y_step, 1, mode);
    }
}

BC_NEON_TILE(bc_a32)

#endif
