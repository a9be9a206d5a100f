/* SPDX-License-Identifier: 0BSD */
/*
 * Tiles of sums by SDOT, which multiplies a lane's four bytes with four bytes of each of four channels.
 *
 *   w [blocks][depth / 4][8][4] int8_t: for four bytes of a pixel the four weights of each channel of a block
 *
 * In assembly: sixteen sums, eight pixels and eight words of weights take all registers, which compilers spill. The
 * sums of the pixel k are v(2 * k) and v(2 * k + 1), its bytes v(16 + k).
 */
#ifndef BC_TILE_DOTPROD_H
#define BC_TILE_DOTPROD_H

#include "barecast/bc_neon.h"

/* Four bytes deep: LANE of a pixel; W0, W1: the weights of a block's halves. */
#define BC_DOTPROD_PIXEL(A, B, X, LANE, W0, W1)              \
    "sdot v" #A ".4s, v" #W0 ".16b, v" #X ".4b[" #LANE "]\n" \
    "sdot v" #B ".4s, v" #W1 ".16b, v" #X ".4b[" #LANE "]\n"
#define BC_DOTPROD_4(LANE, W0, W1)                                                    \
    BC_DOTPROD_PIXEL(0, 1, 16, LANE, W0, W1) BC_DOTPROD_PIXEL(2, 3, 17, LANE, W0, W1) \
    BC_DOTPROD_PIXEL(4, 5, 18, LANE, W0, W1) BC_DOTPROD_PIXEL(6, 7, 19, LANE, W0, W1)
#define BC_DOTPROD_8(LANE, W0, W1)                                                      \
    BC_DOTPROD_4(LANE, W0, W1)                                                          \
    BC_DOTPROD_PIXEL(8, 9, 20, LANE, W0, W1) BC_DOTPROD_PIXEL(10, 11, 21, LANE, W0, W1) \
    BC_DOTPROD_PIXEL(12, 13, 22, LANE, W0, W1) BC_DOTPROD_PIXEL(14, 15, 23, LANE, W0, W1)

/* The pixels' next bytes: 16, 8 or 4, as R is q, d or s. */
#define BC_DOTPROD_LOAD_4(R)                              \
    "ldr " R "16, [%[x], x7]\n" "ldr " R "17, [x9, x7]\n" \
    "ldr " R "18, [x10, x7]\n" "ldr " R "19, [x11, x7]\n"
#define BC_DOTPROD_LOAD_8(R)                              \
    BC_DOTPROD_LOAD_4(R)                                  \
    "ldr " R "20, [x12, x7]\n" "ldr " R "21, [x13, x7]\n" \
    "ldr " R "22, [x14, x7]\n" "ldr " R "23, [x15, x7]\n"

/* The weights of eight bytes of depth. */
#define BC_DOTPROD_WEIGHTS(R0, R1, R2, R3) \
    "ld1 {v" #R0 ".16b, v" #R1 ".16b, v" #R2 ".16b, v" #R3 ".16b}, [%[w]], #64\n"

/*
 * Over the depth with the weights from %[w] on. x24: segments; x3: chunks; x2: fours; x4: segments left; x5: the
 * segment's place; x7: the place in a window; x6: where the segment's chunks end.
 */
#define BC_DOTPROD_DEPTH(LOAD, LANES)  \
    "mov x4, x24\n"                    \
    "mov x5, #0\n"                     \
    "1:\n"                             \
    "mov x7, x5\n"                     \
    "cbz x3, 3f\n"                     \
    "add x6, x5, x3, lsl #4\n"         \
    "2:\n"                             \
    BC_DOTPROD_WEIGHTS(24, 25, 26, 27) \
    LOAD("q")                          \
    "add x7, x7, #16\n"                \
    LANES(0, 24, 25)                   \
    BC_DOTPROD_WEIGHTS(28, 29, 30, 31) \
    LANES(1, 26, 27)                   \
    "cmp x7, x6\n"                     \
    LANES(2, 28, 29)                   \
    LANES(3, 30, 31)                   \
    "b.ne 2b\n"                        \
    "3:\n"                             \
    "tbz x2, #1, 4f\n"                 \
    BC_DOTPROD_WEIGHTS(24, 25, 26, 27) \
    LOAD("d")                          \
    "add x7, x7, #8\n"                 \
    LANES(0, 24, 25)                   \
    LANES(1, 26, 27)                   \
    "4:\n"                             \
    "tbz x2, #0, 5f\n"                 \
    "ldp q24, q25, [%[w]], #32\n"      \
    LOAD("s")                          \
    LANES(0, 24, 25)                   \
    "5:\n"                             \
    "ldr x7, [%[l], #24]\n"            \
    "subs x4, x4, #1\n"                \
    "add x5, x5, x7\n"                 \
    "b.ne 1b\n"

/* A block's way out (bc_neon.h): v16, v17 multipliers; v18, v19 or twice v18 shifts; v20 the zero point. */
#define BC_DOTPROD_CONSTANTS_ONCE "ldp q20, q18, [%[l], #32]\n" "ldp q16, q17, [%[c]], #32\n"
#define BC_DOTPROD_CONSTANTS_EACH \
    "ldr q20, [%[l], #32]\n" "ldp q16, q17, [%[c]], #32\n" "ldp q18, q19, [%[c]], #32\n"
#define BC_DOTPROD_MULTIPLY_ONCE(R, M) "sqdmulh v" #R ".4s, v" #R ".4s, v" #M ".4s\n"
#define BC_DOTPROD_MULTIPLY_TWICE(R, M) \
    "sqrdmulh v" #R ".4s, v" #R ".4s, v" #M ".4s\n" "ssra v" #R ".4s, v" #R ".4s, #31\n"
#define BC_DOTPROD_STEPS(MULTIPLY, S, A, B)                                               \
    MULTIPLY(A, 16) MULTIPLY(B, 17)                                                       \
    "sqshl v" #A ".4s, v" #A ".4s, v18.4s\n" "sqshl v" #B ".4s, v" #B ".4s, v" #S ".4s\n" \
    "uzp2 v" #A ".8h, v" #A ".8h, v" #B ".8h\n" "sqadd v" #A ".8h, v" #A ".8h, v20.8h\n"

/* The results of two pixels, to vA0. */
#define BC_DOTPROD_RESULTS(MULTIPLY, S, A0, B0, A1, B1)                         \
    BC_DOTPROD_STEPS(MULTIPLY, S, A0, B0) BC_DOTPROD_STEPS(MULTIPLY, S, A1, B1) \
    "sqrshrn v" #A0 ".8b, v" #A0 ".8h, #5\n" "sqrshrn2 v" #A0 ".16b, v" #A1 ".8h, #5\n"
#define BC_DOTPROD_CLAMP(A) "smax v" #A ".16b, v" #A ".16b, v21.16b\n" "smin v" #A ".16b, v" #A ".16b, v22.16b\n"
#define BC_DOTPROD_STORE(A, Y0, Y1) "str d" #A ", [" Y0 "], #8\n" "st1 {v" #A ".d}[1], [" Y1 "], #8\n"

#define BC_DOTPROD_OUT_4(CONSTANTS, MULTIPLY, S)                                            \
    CONSTANTS                                                                               \
    BC_DOTPROD_RESULTS(MULTIPLY, S, 0, 1, 2, 3) BC_DOTPROD_RESULTS(MULTIPLY, S, 4, 5, 6, 7) \
    "ldr x7, [%[l], #96]\n"                                                                 \
    "cbz x7, 6f\n"                                                                          \
    "ldp q21, q22, [%[l], #64]\n"                                                           \
    BC_DOTPROD_CLAMP(0) BC_DOTPROD_CLAMP(4)                                                 \
    "6:\n"                                                                                  \
    BC_DOTPROD_STORE(0, "%[y]", "%[step]") BC_DOTPROD_STORE(4, "x17", "x19")
#define BC_DOTPROD_OUT_8(CONSTANTS, MULTIPLY, S)                                                  \
    CONSTANTS                                                                                     \
    BC_DOTPROD_RESULTS(MULTIPLY, S, 0, 1, 2, 3) BC_DOTPROD_RESULTS(MULTIPLY, S, 4, 5, 6, 7)       \
    BC_DOTPROD_RESULTS(MULTIPLY, S, 8, 9, 10, 11) BC_DOTPROD_RESULTS(MULTIPLY, S, 12, 13, 14, 15) \
    "ldr x7, [%[l], #96]\n"                                                                       \
    "cbz x7, 6f\n"                                                                                \
    "ldp q21, q22, [%[l], #64]\n"                                                                 \
    BC_DOTPROD_CLAMP(0) BC_DOTPROD_CLAMP(4) BC_DOTPROD_CLAMP(8) BC_DOTPROD_CLAMP(12)              \
    "6:\n"                                                                                        \
    BC_DOTPROD_STORE(0, "%[y]", "%[step]") BC_DOTPROD_STORE(4, "x17", "x19")                      \
    BC_DOTPROD_STORE(8, "x20", "x21") BC_DOTPROD_STORE(12, "x22", "x23")

/* The sums themselves, where no vector sequence is exact: int32_t [pixels][8], y_step being 32. */
#define BC_DOTPROD_SUMS_4(CONSTANTS, MULTIPLY, S) \
    "stp q0, q1, [%[y]]\n" "stp q2, q3, [%[step]]\n" "stp q4, q5, [x17]\n" "stp q6, q7, [x19]\n"
#define BC_DOTPROD_SUMS_8(CONSTANTS, MULTIPLY, S) \
    BC_DOTPROD_SUMS_4(CONSTANTS, MULTIPLY, S)     \
    "stp q8, q9, [x20]\n" "stp q10, q11, [x21]\n" "stp q12, q13, [x22]\n" "stp q14, q15, [x23]\n"

/* The sums of the pixel with the registers A, B begin with the biases; %[c] moves on, as behind all constants. */
#define BC_DOTPROD_BIAS(A, B) "ldp q" #A ", q" #B ", [%[c]]\n"
#define BC_DOTPROD_BIAS_4 \
    BC_DOTPROD_BIAS(2, 3) BC_DOTPROD_BIAS(4, 5) BC_DOTPROD_BIAS(6, 7) "ldp q0, q1, [%[c]], #32\n"
#define BC_DOTPROD_BIAS_8                                                                         \
    BC_DOTPROD_BIAS(8, 9) BC_DOTPROD_BIAS(10, 11) BC_DOTPROD_BIAS(12, 13) BC_DOTPROD_BIAS(14, 15) \
    BC_DOTPROD_BIAS_4

/* The depth; where windows begin, the first one at %[x]; and results: the second at %[step], then x17, x19 .. x23. */
#define BC_DOTPROD_BEGIN_4                                 \
    "ldp x24, x3, [%[l]]\n" "ldr x2, [%[l], #16]\n"        \
    "ldp x10, x11, [%[x], #16]\n" "ldp %[x], x9, [%[x]]\n" \
    "add x17, %[y], %[step], lsl #1\n" "add x19, x17, %[step]\n" "add %[step], %[y], %[step]\n"
#define BC_DOTPROD_BEGIN_8                                       \
    "ldp x12, x13, [%[x], #32]\n" "ldp x14, x15, [%[x], #48]\n"  \
    "add x20, %[y], %[step], lsl #2\n" "add x21, x20, %[step]\n" \
    "add x22, x20, %[step], lsl #1\n" "add x23, x22, %[step]\n"  \
    BC_DOTPROD_BEGIN_4

/* `blocks` > 0 blocks of channels by P pixels, 4 or 8, from w, channels and y on. */
#define BC_DOTPROD_TILE(NAME, P, OUT, CONSTANTS, MULTIPLY, S)                                                   \
    static BC_INLINE void bc_dotprod_##NAME(                                                                    \
        const bc_neon_layer *l, const int8_t *const *x, const int8_t *w, const int32_t *channels, void *y,      \
        int64_t y_step, int64_t blocks)                                                                         \
    {                                                                                                           \
        __asm__ volatile(                                                                                       \
            BC_DOTPROD_BEGIN_##P                                                                                \
            "0:\n"                                                                                              \
            BC_DOTPROD_BIAS_##P                                                                                 \
            BC_DOTPROD_DEPTH(BC_DOTPROD_LOAD_##P, BC_DOTPROD_##P)                                               \
            "subs %[n], %[n], #1\n"                                                                             \
            OUT##_##P(CONSTANTS, MULTIPLY, S)                                                                   \
            "b.ne 0b\n"                                                                                         \
            : [w] "+&r"(w), [c] "+&r"(channels), [y] "+&r"(y), [n] "+&r"(blocks), [x] "+&r"(x),                 \
              [step] "+&r"(y_step)                                                                              \
            : [l] "r"(l)                                                                                        \
            : "x2", "x3", "x4", "x5", "x6", "x7", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x17", "x19", \
              "x20", "x21", "x22", "x23", "x24", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9",    \
              "v10", "v11", "v12", "v13", "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22",        \
              "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31", "cc", "memory");                   \
    }
#define BC_DOTPROD_TILES(NAME, OUT, CONSTANTS, MULTIPLY, S)                                                \
    BC_DOTPROD_TILE(NAME##_4, 4, OUT, CONSTANTS, MULTIPLY, S)                                              \
    BC_DOTPROD_TILE(NAME##_8, 8, OUT, CONSTANTS, MULTIPLY, S)                                              \
    static BC_INLINE void bc_dotprod_##NAME(                                                               \
        const bc_neon_layer *l, const int8_t *const *x, const int8_t *w, const int32_t *channels, void *y, \
        int64_t y_step, int64_t blocks, int32_t pixels)                                                    \
    {                                                                                                      \
        if (pixels > 4) {                                                                                  \
            bc_dotprod_##NAME##_8(l, x, w, channels, y, y_step, blocks);                                   \
        } else {                                                                                           \
            bc_dotprod_##NAME##_4(l, x, w, channels, y, y_step, blocks);                                   \
        }                                                                                                  \
    }
BC_DOTPROD_TILES(blocks_once, BC_DOTPROD_OUT, BC_DOTPROD_CONSTANTS_ONCE, BC_DOTPROD_MULTIPLY_ONCE, 18)
BC_DOTPROD_TILES(blocks_once_each, BC_DOTPROD_OUT, BC_DOTPROD_CONSTANTS_EACH, BC_DOTPROD_MULTIPLY_ONCE, 19)
BC_DOTPROD_TILES(blocks_twice, BC_DOTPROD_OUT, BC_DOTPROD_CONSTANTS_EACH, BC_DOTPROD_MULTIPLY_TWICE, 19)
BC_DOTPROD_TILES(sums, BC_DOTPROD_SUMS, , , )

static BC_INLINE void bc_dotprod_blocks(
    const bc_neon_layer *l, const int8_t *const *x, const int8_t *w, const int32_t *channels, int8_t *y, int64_t y_step,
    int64_t blocks, int32_t pixels, int32_t mode)
{
    if (mode == BC_NEON_ONCE) {
        bc_dotprod_blocks_once(l, x, w, channels, y, y_step, blocks, pixels);
    } else if (mode == BC_NEON_ONCE_EACH) {
        bc_dotprod_blocks_once_each(l, x, w, channels, y, y_step, blocks, pixels);
    } else {
        bc_dotprod_blocks_twice(l, x, w, channels, y, y_step, blocks, pixels);
    }
}

/* One pixel, two blocks: a chunk with the weights at %[w] and at x9. */
#define BC_DOTPROD_ONE(LANE, W0, W1, W2, W3)           \
    "sdot %[a0].4s, v" #W0 ".16b, v16.4b[" #LANE "]\n" \
    "sdot %[b0].4s, v" #W1 ".16b, v16.4b[" #LANE "]\n" \
    "sdot %[a1].4s, v" #W2 ".16b, v16.4b[" #LANE "]\n" \
    "sdot %[b1].4s, v" #W3 ".16b, v16.4b[" #LANE "]\n"

/* All channels of one pixel, two blocks at a time; with an odd number the last one twice. */
static BC_INLINE void bc_dotprod_one(const bc_neon_layer *l, const int8_t *x, int8_t *y, int32_t mode)
{
    const int8_t *w = l->w;
    const int32_t *channels = l->channels;
    const int32_t each = bc_neon_each(l);
    for (int32_t left = l->out_c; left > 0; left -= 2 * BC_NEON_BLOCK) {
        const int32_t *const second = left > BC_NEON_BLOCK ? channels + each : channels;
        int32x4_t a0 = vld1q_s32(channels), b0 = vld1q_s32(channels + 4);
        int32x4_t a1 = vld1q_s32(second), b1 = vld1q_s32(second + 4);
        __asm__ volatile(
            "ldp x4, x3, [%[d]]\n"
            "ldr x2, [%[d], #16]\n"
            "mov x5, %[x]\n"
            "mov x9, %[other]\n"
            "1:\n"
            "mov x7, x5\n"
            "mov x6, x3\n"
            "cbz x3, 3f\n"
            "2:\n"
            "ldr q16, [x7], #16\n"
            BC_DOTPROD_WEIGHTS(17, 18, 19, 20)
            "ld1 {v24.16b, v25.16b, v26.16b, v27.16b}, [x9], #64\n"
            "subs x6, x6, #1\n"
            BC_DOTPROD_ONE(0, 17, 18, 24, 25)
            BC_DOTPROD_ONE(1, 19, 20, 26, 27)
            BC_DOTPROD_WEIGHTS(17, 18, 19, 20)
            "ld1 {v24.16b, v25.16b, v26.16b, v27.16b}, [x9], #64\n"
            BC_DOTPROD_ONE(2, 17, 18, 24, 25)
            BC_DOTPROD_ONE(3, 19, 20, 26, 27)
            "b.ne 2b\n"
            "3:\n"
            "cbz x2, 5f\n"
            "mov x6, x2\n"
            "4:\n"
            "ldr s16, [x7], #4\n"
            "ldp q24, q25, [%[w]], #32\n"
            "ldp q26, q27, [x9], #32\n"
            "subs x6, x6, #1\n"
            BC_DOTPROD_ONE(0, 24, 25, 26, 27)
            "b.ne 4b\n"
            "5:\n"
            "ldr x7, [%[d], #24]\n"
            "subs x4, x4, #1\n"
            "add x5, x5, x7\n"
            "b.ne 1b\n"
            : [a0] "+w"(a0), [b0] "+w"(b0), [a1] "+w"(a1), [b1] "+w"(b1), [w] "+&r"(w)
            : [x] "r"(x), [d] "r"(&l->depth), [other] "r"(left > BC_NEON_BLOCK ? w + l->block : w)
            : "x2", "x3", "x4", "x5", "x6", "x7", "x9", "v16", "v17", "v18", "v19", "v20", "v24", "v25", "v26", "v27",
              "cc", "memory");
        const bc_neon_way way = bc_neon_way_out(l, channels, mode);
        if (mode == BC_NEON_SCALAR) {
            bc_neon_scalar(l, channels, a0, b0, y, left);
            bc_neon_scalar(l, second, a1, b1, y + BC_NEON_BLOCK, left - BC_NEON_BLOCK);
        } else {
            const bc_neon_way next = bc_neon_way_out(l, second, mode);
            const int8x16_t result =
                bc_neon_bytes(l, bc_neon_steps(&way, a0, b0, mode), bc_neon_steps(&next, a1, b1, mode));
            if (left >= 2 * BC_NEON_BLOCK) {
                vst1q_s8(y, result);
            } else {
                bc_neon_store(y, vget_low_s8(result), left);
                bc_neon_store_some(y + BC_NEON_BLOCK, vget_high_s8(result), left - BC_NEON_BLOCK);
            }
        }
        w += l->block;
        channels += 2 * each;
        y += 2 * BC_NEON_BLOCK;
    }
}

/* All channels of 2 to 8 pixels. */
static BC_INLINE void bc_dotprod_some(
    const bc_neon_layer *l, const int8_t *const *x, int32_t pixels, int8_t *y, int64_t y_step, int32_t mode)
{
    const int8_t *w = l->w;
    const int32_t *channels = l->channels;
    int64_t blocks = 0;
    for (int32_t left = l->out_c; left > 0; left -= (int32_t)blocks * BC_NEON_BLOCK) {
        int32_t sums[BC_NEON_PIXELS * BC_NEON_BLOCK];
        int8_t bytes[BC_NEON_PIXELS * BC_NEON_BLOCK];
        const int32_t whole = (pixels == 4 || pixels == 8) && left >= BC_NEON_BLOCK;
        if (mode == BC_NEON_SCALAR) {
            blocks = 1;
            bc_dotprod_sums(l, x, w, channels, sums, 4 * BC_NEON_BLOCK, 1, pixels);
            for (int32_t k = 0; k < pixels; ++k) {
                const int32_t *const of = sums + k * BC_NEON_BLOCK;
                bc_neon_scalar(l, channels, vld1q_s32(of), vld1q_s32(of + 4), y + k * y_step, left);
            }
        } else if (whole) {
            blocks = left / BC_NEON_BLOCK;
            bc_dotprod_blocks(l, x, w, channels, y, y_step, blocks, pixels, mode);
        } else {
            blocks = 1;
            bc_dotprod_blocks(l, x, w, channels, bytes, BC_NEON_BLOCK, 1, pixels, mode);
            for (int32_t k = 0; k < pixels; ++k) {
                bc_neon_store(y + k * y_step, vld1_s8(bytes + k * BC_NEON_BLOCK), left);
            }
        }
        w += blocks * l->block;
        channels += blocks * bc_neon_each(l);
        y += blocks * BC_NEON_BLOCK;
    }
}

/* Windows behind the last one, up to four or eight, are read but not used. */
#define BC_DOTPROD_PIXELS(NAME, MODE)                                                                \
    BC_NEON_SHARED void bc_dotprod_##NAME(                                                           \
        const bc_neon_layer *l, const int8_t *const x[8], int32_t pixels, int8_t *y, int64_t y_step) \
    {                                                                                                \
        if (pixels == 1) {                                                                           \
            bc_dotprod_one(l, x[0], y, MODE);                                                        \
        } else {                                                                                     \
            bc_dotprod_some(l, x, pixels, y, y_step, MODE);                                          \
        }                                                                                            \
    }
BC_DOTPROD_PIXELS(once, BC_NEON_ONCE)
BC_DOTPROD_PIXELS(once_each, BC_NEON_ONCE_EACH)
BC_DOTPROD_PIXELS(twice, BC_NEON_TWICE)
BC_DOTPROD_PIXELS(scalar, BC_NEON_SCALAR)

/* The same by the layer's mode, a constant. */
static BC_INLINE void bc_dotprod_pixels(
    const bc_neon_layer *l, const int8_t *const x[8], int32_t pixels, int8_t *y, int64_t y_step, int32_t mode)
{
    if (mode == BC_NEON_ONCE) {
        bc_dotprod_once(l, x, pixels, y, y_step);
    } else if (mode == BC_NEON_ONCE_EACH) {
        bc_dotprod_once_each(l, x, pixels, y, y_step);
    } else if (mode == BC_NEON_TWICE) {
        bc_dotprod_twice(l, x, pixels, y, y_step);
    } else {
        bc_dotprod_scalar(l, x, pixels, y, y_step);
    }
}

#endif
