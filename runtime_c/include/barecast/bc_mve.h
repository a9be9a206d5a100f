/* SPDX-License-Identifier: 0BSD */
/*
 * What the integer kernels for Helium (Armv8.1-M MVE) share: sums of products, the way out of the accumulators, copies.
 *
 * Weights lie in quads: four output channels side by side, 16 products deep at a time, with zeros behind the last
 * channel and the last product (sdk/barecast/layouts/mve.py):
 *
 *   w        [quads][chunks][4][16] int8_t            chunks = ceil(depth / 16)
 *   channels [quads][bias, multiplier (, -right)][4]  int32_t; right shifts if each channel has its own
 *
 * Activations of int16 have chunks of 8 products, [quads][chunks][4][8] weights, and VMLADAV.S16; LONG_S16 below has
 * channels [quads][bias low, bias high, multiplier, shift][4].
 *
 * VMLADAV.S8 adds 16 products to one of the even core registers r0 .. lr. Eight of them hold two pixels by four
 * channels, or one pixel by eight channels.
 */
#ifndef BC_MVE_H
#define BC_MVE_H

#include <arm_mve.h>
#include <stddef.h>

#include "barecast/bc_math.h"

/* One copy for all steps, whatever the compiler thinks. */
#if defined(__clang__)
#define BC_MVE_SHARED static __attribute__((noinline, unused))
#else
#define BC_MVE_SHARED static __attribute__((noinline, noclone, unused))
#endif
#define BC_MVE_NAKED BC_MVE_SHARED __attribute__((naked))

/*
 * How accumulators become results, known at compile time.
 * HIGH: floor(acc * mult / 2**shift + 1/2) with shift >= 33, from the high word of the product (bc_requantize
 *       has the proof): VMULH is floor(acc * mult / 2**32), VRSHL adds 2**(n - 1) and shifts by n = shift - 32
 *       without overflow. HIGH_EACH: the same with a shift for each channel.
 * TWICE: gemmlowp's double rounding with a shift >= 31 for each channel. VQRDMULH is floor((2 * acc * mult + 2**31) /
 *       2**32), which saturates only where both are INT32_MIN; then halves away from zero: one less where the value is
 *       negative and the right shift not nought, which is the sign of (value & -right); and VRSHL.
 * SCALAR: anything else, by bc_requantize.
 * HIGH_S16, TWICE_S16: HIGH_EACH and TWICE of int16 activations whose accumulators fit 32 bits, multipliers of 15 bits
 *       taken 16 bits larger (sdk/barecast/layouts/int16.py). LONG_S16: of 64 bits, by bc_requantize_s16.
 */
enum { BC_MVE_HIGH, BC_MVE_HIGH_EACH, BC_MVE_TWICE, BC_MVE_SCALAR, BC_MVE_HIGH_S16, BC_MVE_TWICE_S16, BC_MVE_LONG_S16 };

/* A layer's constants. more: chunks but the first; right: 32 - shift; shift, ties: as in its params. */
typedef struct {
    const int8_t *w;
    const int32_t *channels;
    int32_t more, out_c;
    int32_t right, zero, low, high;
    int32_t shift, ties;
} bc_mve_layer;

BC_STATIC_ASSERT(sizeof(void *) == 4 && offsetof(bc_mve_layer, more) == 8 && offsetof(bc_mve_layer, high) == 28,
                 bc_mve_layer_is_as_the_assembly_reads_it);

/* Quads of `channels` have shifts of their own under TensorFlow Lite's rules. */
static BC_INLINE int32_t bc_mve_mode(int32_t shift, int32_t ties)
{
    return ties == BC_TIES_TFLITE          ? BC_MVE_TWICE
           : ties == BC_TIES_TFLITE_SINGLE ? BC_MVE_HIGH_EACH
           : !ties && shift >= 33          ? BC_MVE_HIGH
                                           : BC_MVE_SCALAR;
}

/* Of int16 activations whose accumulators fit 32 bits; TensorFlow Lite's rules are the only ones. */
static BC_INLINE int32_t bc_mve_mode_s16(int32_t ties)
{
    return ties == BC_TIES_TFLITE ? BC_MVE_TWICE_S16 : BC_MVE_HIGH_S16;
}

/*
 * The two functions below in assembly; compilers spill the accumulators, and everything else to make room for them.
 * Even registers are accumulators. r1: x; r3: the other x, or the other quad's weights; r5: weights; r7: chunks
 * left; r9: channels; r11: channels left. q0 and q1 become the sums of two quads; q3 and q4 are the bounds.
 */

/* By type of the activations: a chunk of x; one channel's weights for it; log2 of a quad's bytes of them; results. */
#define BC_MVE_DOT_S8 ".s8 "
#define BC_MVE_DOT_S16 ".s16 "
#define BC_MVE_X_S8(Q, FROM) "vldrb.8 " Q ", [" FROM "], #16\n"
#define BC_MVE_X_S16(Q, FROM) "vldrh.16 " Q ", [" FROM "], #16\n"
#define BC_MVE_W_S8(Q, FROM) "vldrb.8 " Q ", [" FROM "], #16\n"
#define BC_MVE_W_S16(Q, FROM) "vldrb.s16 " Q ", [" FROM "], #8\n"
#define BC_MVE_QUAD_S8 "#6"
#define BC_MVE_QUAD_S16 "#5"
#define BC_MVE_STORE_S8(Q, TO) "vstrbt.32 " Q ", [" TO "], #4\n"
#define BC_MVE_STORE_S16(Q, TO) "vstrht.32 " Q ", [" TO "], #8\n"

/* A chunk of the pixels at r1 and r3 with four channels. Loads and products take two cycles of their own unit each; in
 * turn they overlap, and two loads in a row keep the multiplier waiting. */
#define BC_MVE_2X4(OP, TYPE)                       \
    BC_MVE_X_##TYPE("q0", "r1")                    \
    BC_MVE_W_##TYPE("q2", "r5")                    \
    OP BC_MVE_DOT_##TYPE "r0, q0, q2\n"            \
    BC_MVE_X_##TYPE("q1", "r3")                    \
    OP BC_MVE_DOT_##TYPE "r8, q1, q2\n"            \
    BC_MVE_W_##TYPE("q2", "r5")                    \
    OP BC_MVE_DOT_##TYPE "r2, q0, q2\n"            \
    OP BC_MVE_DOT_##TYPE "r10, q1, q2\n"           \
    BC_MVE_W_##TYPE("q2", "r5")                    \
    OP BC_MVE_DOT_##TYPE "r4, q0, q2\n"            \
    OP BC_MVE_DOT_##TYPE "r12, q1, q2\n"           \
    BC_MVE_W_##TYPE("q2", "r5")                    \
    OP BC_MVE_DOT_##TYPE "r6, q0, q2\n"            \
    OP BC_MVE_DOT_##TYPE "lr, q1, q2\n"

/* A chunk of the pixel at r1 with two quads of channels; A and B: the sums of a channel of either quad. */
#define BC_MVE_1X8(OP, TYPE)              \
    BC_MVE_X_##TYPE("q0", "r1")           \
    BC_MVE_1X8_TWO(OP, TYPE, "r0", "r8")  \
    BC_MVE_1X8_TWO(OP, TYPE, "r2", "r10") \
    BC_MVE_1X8_TWO(OP, TYPE, "r4", "r12") \
    BC_MVE_1X8_TWO(OP, TYPE, "r6", "lr")
#define BC_MVE_1X8_TWO(OP, TYPE, A, B)    \
    BC_MVE_W_##TYPE("q1", "r3")           \
    OP BC_MVE_DOT_##TYPE A ", q0, q1\n"   \
    BC_MVE_W_##TYPE("q2", "r5")           \
    OP BC_MVE_DOT_##TYPE B ", q0, q2\n"

/*
 * The first chunk sets the accumulators, the others follow in pairs; where their number (r7) is odd the loop is
 * entered in its middle. Flags are set before the second half: vector instructions keep them.
 */
#define BC_MVE_DEPTH(CHUNK, TYPE)       \
    CHUNK("vmladav", TYPE)              \
    "lsrs r7, r7, #1\n"                 \
    "bcs 2f\n"                          \
    "beq 3f\n"                          \
    "1:\n"                              \
    CHUNK("vmladava", TYPE)             \
    "subs r7, r7, #1\n"                 \
    "2:\n"                              \
    CHUNK("vmladava", TYPE)             \
    "bne 1b\n"                          \
    "3:\n"                              \
    "vmov q0[2], q0[0], r0, r4\n"       \
    "vmov q0[3], q0[1], r2, r6\n"       \
    "vmov q1[2], q1[0], r8, r12\n"      \
    "vmov q1[3], q1[1], r10, lr\n"

/* The ways out of Q as in bc_mve_finish; r0: 32 - shift, r2: the zero point. */
#define BC_MVE_BIAS_1(Q)                \
    "vldrw.u32 q2, [r9], #16\n"         \
    "vadd.i32 " Q ", " Q ", q2\n"       \
    "vldrw.u32 q2, [r9], #16\n"
#define BC_MVE_BIAS_2                   \
    "vldrw.u32 q2, [r9], #16\n"         \
    "vadd.i32 q0, q0, q2\n"             \
    "vadd.i32 q1, q1, q2\n"             \
    "vldrw.u32 q2, [r9], #16\n"
#define BC_MVE_RIGHT "vldrw.u32 q2, [r9], #16\n"
#define BC_MVE_MULH(Q) "vmulh.s32 " Q ", " Q ", q2\n"
#define BC_MVE_SHIFT(Q) "vrshl.s32 " Q ", r0\n"
#define BC_MVE_SHIFT_EACH(Q) "vrshl.s32 " Q ", " Q ", q2\n"
#define BC_MVE_DOUBLE(Q) "vqrdmulh.s32 " Q ", " Q ", q2\n"
#define BC_MVE_SHIFT_AWAY(Q)            \
    "vand q5, " Q ", q2\n"              \
    "vshr.s32 q5, q5, #31\n"            \
    "vadd.i32 " Q ", " Q ", q5\n"       \
    "vrshl.s32 " Q ", " Q ", q2\n"
#define BC_MVE_CLAMP(Q)                 \
    "vadd.i32 " Q ", " Q ", r2\n"       \
    "vmax.s32 " Q ", " Q ", q3\n"       \
    "vmin.s32 " Q ", " Q ", q4\n"

#define BC_MVE_HIGH_1(Q) BC_MVE_BIAS_1(Q) BC_MVE_MULH(Q) BC_MVE_SHIFT(Q) BC_MVE_CLAMP(Q)
#define BC_MVE_HIGH_2                                              \
    BC_MVE_BIAS_2 BC_MVE_MULH("q0") BC_MVE_MULH("q1")              \
    BC_MVE_SHIFT("q0") BC_MVE_SHIFT("q1") BC_MVE_CLAMP("q0") BC_MVE_CLAMP("q1")
#define BC_MVE_HIGH_EACH_1(Q) BC_MVE_BIAS_1(Q) BC_MVE_MULH(Q) BC_MVE_RIGHT BC_MVE_SHIFT_EACH(Q) BC_MVE_CLAMP(Q)
#define BC_MVE_HIGH_EACH_2                                         \
    BC_MVE_BIAS_2 BC_MVE_MULH("q0") BC_MVE_MULH("q1") BC_MVE_RIGHT \
    BC_MVE_SHIFT_EACH("q0") BC_MVE_SHIFT_EACH("q1") BC_MVE_CLAMP("q0") BC_MVE_CLAMP("q1")
#define BC_MVE_TWICE_1(Q) BC_MVE_BIAS_1(Q) BC_MVE_DOUBLE(Q) BC_MVE_RIGHT BC_MVE_SHIFT_AWAY(Q) BC_MVE_CLAMP(Q)
#define BC_MVE_TWICE_2                                                 \
    BC_MVE_BIAS_2 BC_MVE_DOUBLE("q0") BC_MVE_DOUBLE("q1") BC_MVE_RIGHT \
    BC_MVE_SHIFT_AWAY("q0") BC_MVE_SHIFT_AWAY("q1") BC_MVE_CLAMP("q0") BC_MVE_CLAMP("q1")

/* Saved: 36 bytes of core registers, 32 of q4 and q5. Locals: 16 bytes of each function's own, more, -, right, zero. */
#define BC_MVE_ENTER                    \
    "push {r4-r11, lr}\n"               \
    "vpush {d8-d11}\n"                  \
    "sub sp, sp, #32\n"                 \
    "ldrd r5, r9, [r0]\n"               \
    "ldrd r7, r11, [r0, #8]\n"          \
    "str r7, [sp, #16]\n"               \
    "ldrd r8, r10, [r0, #24]\n"         \
    "vdup.32 q3, r8\n"                  \
    "vdup.32 q4, r10\n"                 \
    "ldrd r8, r10, [r0, #16]\n"         \
    "strd r8, r10, [sp, #24]\n"

#define BC_MVE_LEAVE                    \
    "add sp, sp, #32\n"                 \
    "vpop {d8-d11}\n"                   \
    "pop {r4-r11, pc}\n"

/* All channels of two pixels. x0 and x1: 16 * chunks bytes each. On the stack: x0, x1, y0, y1. */
#define BC_MVE_TWO(FINISH, TYPE)        \
    BC_MVE_ENTER                        \
    "ldr r4, [sp, #100]\n"              \
    "strd r1, r2, [sp]\n"               \
    "strd r3, r4, [sp, #8]\n"           \
    "0:\n"                              \
    "ldr r7, [sp, #16]\n"               \
    "ldrd r1, r3, [sp]\n"               \
    BC_MVE_DEPTH(BC_MVE_2X4, TYPE)      \
    "ldrd r0, r2, [sp, #24]\n"          \
    FINISH                              \
    "ldrd r4, r6, [sp, #8]\n"           \
    "vctp.32 r11\n"                     \
    "vpstt\n"                           \
    BC_MVE_STORE_##TYPE("q0", "r4")     \
    BC_MVE_STORE_##TYPE("q1", "r6")     \
    "strd r4, r6, [sp, #8]\n"           \
    "subs r11, r11, #4\n"               \
    "bgt 0b\n"                          \
    BC_MVE_LEAVE

/* All channels of one pixel. x: 16 * chunks bytes. On the stack: x, y, the bytes of a quad's weights. */
#define BC_MVE_ONE(FINISH, TYPE)        \
    BC_MVE_ENTER                        \
    "add r7, r7, #1\n"                  \
    "lsl r7, r7, " BC_MVE_QUAD_##TYPE "\n" \
    "strd r1, r2, [sp]\n"               \
    "str r7, [sp, #8]\n"                \
    "0:\n"                              \
    "ldr r0, [sp, #8]\n"                \
    "mov r3, r5\n"                      \
    "cmp r11, #4\n"                     \
    "it gt\n"                           \
    "addgt r5, r5, r0\n"                \
    "ldr r7, [sp, #16]\n"               \
    "ldr r1, [sp]\n"                    \
    BC_MVE_DEPTH(BC_MVE_1X8, TYPE)      \
    "ldrd r0, r2, [sp, #24]\n"          \
    FINISH("q0")                        \
    "ldr r4, [sp, #4]\n"                \
    "vctp.32 r11\n"                     \
    "vpst\n"                            \
    BC_MVE_STORE_##TYPE("q0", "r4")     \
    "subs r11, r11, #4\n"               \
    "ble 4f\n"                          \
    FINISH("q1")                        \
    "vctp.32 r11\n"                     \
    "vpst\n"                            \
    BC_MVE_STORE_##TYPE("q1", "r4")     \
    "str r4, [sp, #4]\n"                \
    "subs r11, r11, #4\n"               \
    "bgt 0b\n"                          \
    "4:\n"                              \
    BC_MVE_LEAVE

#define BC_MVE_UNUSED __attribute__((unused))
#define BC_MVE_PIXELS(NAME, FINISH_1, FINISH_2, TYPE)                                                      \
    BC_MVE_NAKED void bc_mve_two_##NAME(                                                                   \
        BC_MVE_UNUSED const bc_mve_layer *l, BC_MVE_UNUSED const int8_t *x0, BC_MVE_UNUSED const int8_t *x1, \
        BC_MVE_UNUSED int8_t *y0, BC_MVE_UNUSED int8_t *y1)                                                \
    {                                                                                                      \
        __asm__ volatile(BC_MVE_TWO(FINISH_2, TYPE));                                                      \
    }                                                                                                      \
    BC_MVE_NAKED void bc_mve_one_##NAME(                                                                   \
        BC_MVE_UNUSED const bc_mve_layer *l, BC_MVE_UNUSED const int8_t *x, BC_MVE_UNUSED int8_t *y)       \
    {                                                                                                      \
        __asm__ volatile(BC_MVE_ONE(FINISH_1, TYPE));                                                      \
    }

BC_MVE_PIXELS(high, BC_MVE_HIGH_1, BC_MVE_HIGH_2, S8)
BC_MVE_PIXELS(high_each, BC_MVE_HIGH_EACH_1, BC_MVE_HIGH_EACH_2, S8)
BC_MVE_PIXELS(twice, BC_MVE_TWICE_1, BC_MVE_TWICE_2, S8)
BC_MVE_PIXELS(high_each_s16, BC_MVE_HIGH_EACH_1, BC_MVE_HIGH_EACH_2, S16)
BC_MVE_PIXELS(twice_s16, BC_MVE_TWICE_1, BC_MVE_TWICE_2, S16)

/* sums[0 .. 3], sums[4 .. 7]: the products of one quad with the pixels x0 and x1. more: chunks but the first. */
#define BC_MVE_SUMS(NAME, TYPE)                                                                              \
    BC_MVE_NAKED void NAME(                                                                                  \
        BC_MVE_UNUSED const int8_t *x0, BC_MVE_UNUSED const int8_t *x1, BC_MVE_UNUSED const int8_t *w,       \
        BC_MVE_UNUSED int32_t more, BC_MVE_UNUSED int32_t *sums)                                             \
    {                                                                                                        \
        __asm__ volatile(                                                                                    \
            "push {r4-r11, lr}\n"                                                                            \
            "mov r5, r2\n"                                                                                   \
            "mov r7, r3\n"                                                                                   \
            "mov r3, r1\n"                                                                                   \
            "mov r1, r0\n"                                                                                   \
            BC_MVE_DEPTH(BC_MVE_2X4, TYPE)                                                                   \
            "ldr r0, [sp, #36]\n"                                                                            \
            "vstrw.32 q0, [r0]\n"                                                                            \
            "vstrw.32 q1, [r0, #16]\n"                                                                       \
            "pop {r4-r11, pc}\n");                                                                           \
    }

BC_MVE_SUMS(bc_mve_sums, S8)
BC_MVE_SUMS(bc_mve_sums_s16, S16)

/* Two pixels (which may be the same) where no vector sequence is exact: ONNX's rule with ties, or factors above 1/4. */
BC_MVE_SHARED void bc_mve_two_scalar(
    const bc_mve_layer *l, const int8_t *x0, const int8_t *x1, int8_t *y0, int8_t *y1)
{
    const int8_t *w = l->w;
    const int32_t *quad = l->channels;
    for (int32_t o = 0; o < l->out_c; o += 4, quad += 8, w += 64 * (l->more + 1)) {
        int32_t sums[8];
        bc_mve_sums(x0, x1, w, l->more, sums);
        for (int32_t i = 0; i < 4 && o + i < l->out_c; ++i) {
            const int32_t bias = quad[i], factor = quad[4 + i];
            y0[o + i] = bc_requantize_s8(sums[i] + bias, factor, l->shift, l->ties, l->zero, l->low, l->high);
            y1[o + i] = bc_requantize_s8(sums[4 + i] + bias, factor, l->shift, l->ties, l->zero, l->low, l->high);
        }
    }
}

/* The most chunks of int16 whose sums fit 32 bits whatever the weights are. */
#define BC_MVE_LONG_CHUNKS 32

/* Two pixels of int16 (which may be the same) with sums of 64 bits. */
BC_MVE_SHARED void bc_mve_two_long_s16(
    const bc_mve_layer *l, const int8_t *x0, const int8_t *x1, int8_t *y0, int8_t *y1)
{
    const int8_t *w = l->w;
    const int32_t *quad = l->channels;
    int16_t *to0 = (int16_t *)(void *)y0, *to1 = (int16_t *)(void *)y1;
    for (int32_t o = 0; o < l->out_c; o += 4, quad += 16) {
        int64_t sums[8] = {0, 0, 0, 0, 0, 0, 0, 0};
        for (int32_t first = 0; first <= l->more; first += BC_MVE_LONG_CHUNKS) {
            const int32_t left = l->more + 1 - first, count = left < BC_MVE_LONG_CHUNKS ? left : BC_MVE_LONG_CHUNKS;
            int32_t part[8];
            bc_mve_sums_s16(x0 + 16 * first, x1 + 16 * first, w, count - 1, part);
            w += 32 * count;
            for (int32_t i = 0; i < 8; ++i) {
                sums[i] += part[i];
            }
        }
        for (int32_t i = 0; i < 4 && o + i < l->out_c; ++i) {
            const int64_t bias = (int64_t)(((uint64_t)(uint32_t)quad[4 + i] << 32) | (uint32_t)quad[i]);
            const int32_t mult = quad[8 + i], shift = quad[12 + i];
            to0[o + i] = bc_requantize_s16(sums[i] + bias, mult, shift, l->ties, l->zero, l->low, l->high);
            to1[o + i] = bc_requantize_s16(sums[4 + i] + bias, mult, shift, l->ties, l->zero, l->low, l->high);
        }
    }
}

/* All channels of the pixels x0 and x1, by the layer's mode, a constant. */
static BC_INLINE void bc_mve_two(
    const bc_mve_layer *l, int32_t mode, const int8_t *x0, const int8_t *x1, int8_t *y0, int8_t *y1)
{
    if (mode == BC_MVE_HIGH) {
        bc_mve_two_high(l, x0, x1, y0, y1);
    } else if (mode == BC_MVE_HIGH_EACH) {
        bc_mve_two_high_each(l, x0, x1, y0, y1);
    } else if (mode == BC_MVE_TWICE) {
        bc_mve_two_twice(l, x0, x1, y0, y1);
    } else if (mode == BC_MVE_HIGH_S16) {
        bc_mve_two_high_each_s16(l, x0, x1, y0, y1);
    } else if (mode == BC_MVE_TWICE_S16) {
        bc_mve_two_twice_s16(l, x0, x1, y0, y1);
    } else if (mode == BC_MVE_LONG_S16) {
        bc_mve_two_long_s16(l, x0, x1, y0, y1);
    } else {
        bc_mve_two_scalar(l, x0, x1, y0, y1);
    }
}

static BC_INLINE void bc_mve_one(const bc_mve_layer *l, int32_t mode, const int8_t *x, int8_t *y)
{
    if (mode == BC_MVE_HIGH) {
        bc_mve_one_high(l, x, y);
    } else if (mode == BC_MVE_HIGH_EACH) {
        bc_mve_one_high_each(l, x, y);
    } else if (mode == BC_MVE_TWICE) {
        bc_mve_one_twice(l, x, y);
    } else if (mode == BC_MVE_HIGH_S16) {
        bc_mve_one_high_each_s16(l, x, y);
    } else if (mode == BC_MVE_TWICE_S16) {
        bc_mve_one_twice_s16(l, x, y);
    } else if (mode == BC_MVE_LONG_S16) {
        bc_mve_two_long_s16(l, x, x, y, y);
    } else {
        bc_mve_two_scalar(l, x, x, y, y);
    }
}

#endif
