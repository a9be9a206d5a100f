/* SPDX-License-Identifier: 0BSD */
/*
 * The inner tiles of float32 matrix products with NEON: four pixels, or one, by 16, 8 or 4 channels.
 *
 * w: tiles as sdk/barecast/layouts/neon_f32.py packs them, [depth][16], [depth][8] or [depth][4]; biases in whole
 * fours.
 *
 * On AArch64 the tiles are assembly: they take all 32 registers, half of them for the sums of four pixels by 16
 * channels, eight for eight numbers of each pixel, and twice four for the weights, so that those of one number of x are
 * loaded while those of the one before are used. 142 instructions make 512 products. A product and its addition are
 * rounded once. Everywhere else (Armv7-A, big-endian, -DBC_NO_ASSEMBLY) the same in C takes four pixels by eight
 * channels at a time; VMLA of Armv7-A rounds the product as well.
 *
 * One pixel has two to four sums for each channel, of every second or fourth product, that are added up at the end.
 */
#ifndef BC_TILE_F32_NEON_H
#define BC_TILE_F32_NEON_H

#include "barecast/bc_window_f32_neon.h"

#ifdef BC_F32_NEON_ASSEMBLY

#define BC_F32_FMLA(ACC, W, X, LANE) "fmla v" #ACC ".4s, v" #W ".4s, v" #X ".s[" #LANE "]\n"
#define BC_F32_W(A, B, C, D) "ld1 {v" #A ".4s, v" #B ".4s, v" #C ".4s, v" #D ".4s}, [x13], #64\n"
#define BC_F32_WA BC_F32_W(24, 25, 26, 27)
#define BC_F32_WB BC_F32_W(28, 29, 30, 31)

/* The pixels' next eight numbers, four, or one: those of pixel p to v(16 + 2p) and v(17 + 2p). */
#define BC_F32_X8_4 \
    "ldp q16, q17, [x9], #32\n" \
    "ldp q18, q19, [x10], #32\n" \
    "ldp q20, q21, [x11], #32\n" \
    "ldp q22, q23, [x12], #32\n"
#define BC_F32_X4_4 \
    "ldr q16, [x9], #16\n" \
    "ldr q18, [x10], #16\n" \
    "ldr q20, [x11], #16\n" \
    "ldr q22, [x12], #16\n"
#define BC_F32_X1_4 \
    "ldr s16, [x9], #4\n" \
    "ldr s18, [x10], #4\n" \
    "ldr s20, [x11], #4\n" \
    "ldr s22, [x12], #4\n"
#define BC_F32_X8_1 "ldp q16, q17, [x9], #32\n"
#define BC_F32_X4_1 "ldr q16, [x9], #16\n"
#define BC_F32_X1_1 "ldr s16, [x9], #4\n"

/* The products of four pixels, whose numbers are a lane of X0 to X3, with weights of 16 channels, 8 or 4. */
#define BC_F32_ROW_16(A0, A1, A2, A3, W0, W1, W2, W3, X, LANE) \
    BC_F32_FMLA(A0, W0, X, LANE) BC_F32_FMLA(A1, W1, X, LANE) \
    BC_F32_FMLA(A2, W2, X, LANE) BC_F32_FMLA(A3, W3, X, LANE)
/* Where there are many of them by macros of the assembler, since C99 promises no strings of more than 4095 bytes. */
#define BC_F32_MACRO_FMLA(ACC, W, X) "fmla v" #ACC ".4s, v\\" #W "\\().4s, v\\" #X "\\().s[\\l]\n"
#define BC_F32_MACRO_ROW(A0, A1, A2, A3, X) \
    BC_F32_MACRO_FMLA(A0, a, X) BC_F32_MACRO_FMLA(A1, b, X) BC_F32_MACRO_FMLA(A2, c, X) BC_F32_MACRO_FMLA(A3, d, X)
#define BC_F32_16X4_MACRO \
    ".macro bc_16x4 a, b, c, d, x, y, z, u, l\n" \
    BC_F32_MACRO_ROW(0, 1, 2, 3, x) BC_F32_MACRO_ROW(4, 5, 6, 7, y) \
    BC_F32_MACRO_ROW(8, 9, 10, 11, z) BC_F32_MACRO_ROW(12, 13, 14, 15, u) \
    ".endm\n"
#define BC_F32_16X4_END ".purgem bc_16x4\n"
#define BC_F32_16X4(W0, W1, W2, W3, X0, X1, X2, X3, LANE) \
    "bc_16x4 " #W0 "," #W1 "," #W2 "," #W3 "," #X0 "," #X1 "," #X2 "," #X3 "," #LANE "\n"
#define BC_F32_8X4_MACRO \
    ".macro bc_8x4 a, b, x, y, z, u, l\n" \
    BC_F32_MACRO_FMLA(0, a, x) BC_F32_MACRO_FMLA(1, b, x) BC_F32_MACRO_FMLA(2, a, y) BC_F32_MACRO_FMLA(3, b, y) \
    BC_F32_MACRO_FMLA(4, a, z) BC_F32_MACRO_FMLA(5, b, z) BC_F32_MACRO_FMLA(6, a, u) BC_F32_MACRO_FMLA(7, b, u) \
    ".endm\n"
#define BC_F32_8X4_END ".purgem bc_8x4\n"
#define BC_F32_8X4(W0, W1, X0, X1, X2, X3, LANE) \
    "bc_8x4 " #W0 "," #W1 "," #X0 "," #X1 "," #X2 "," #X3 "," #LANE "\n"
#define BC_F32_4X4(W0, X0, X1, X2, X3, LANE) \
    BC_F32_FMLA(0, W0, X0, LANE) BC_F32_FMLA(1, W0, X1, LANE) BC_F32_FMLA(2, W0, X2, LANE) BC_F32_FMLA(3, W0, X3, LANE)

/* Four numbers of each pixel. */
#define BC_F32_16X4_FOUR(X0, X1, X2, X3) \
    BC_F32_WA BC_F32_WB \
    BC_F32_16X4(24, 25, 26, 27, X0, X1, X2, X3, 0) BC_F32_WA \
    BC_F32_16X4(28, 29, 30, 31, X0, X1, X2, X3, 1) BC_F32_WB \
    BC_F32_16X4(24, 25, 26, 27, X0, X1, X2, X3, 2) \
    BC_F32_16X4(28, 29, 30, 31, X0, X1, X2, X3, 3)
#define BC_F32_8X4_FOUR(X0, X1, X2, X3) \
    BC_F32_WA BC_F32_WB \
    BC_F32_8X4(24, 25, X0, X1, X2, X3, 0) BC_F32_8X4(26, 27, X0, X1, X2, X3, 1) \
    BC_F32_8X4(28, 29, X0, X1, X2, X3, 2) BC_F32_8X4(30, 31, X0, X1, X2, X3, 3)
#define BC_F32_4X4_FOUR(X0, X1, X2, X3) \
    BC_F32_WA \
    BC_F32_4X4(24, X0, X1, X2, X3, 0) BC_F32_4X4(25, X0, X1, X2, X3, 1) \
    BC_F32_4X4(26, X0, X1, X2, X3, 2) BC_F32_4X4(27, X0, X1, X2, X3, 3)

/* Eight, where the weights' registers change places once more in between. */
#define BC_F32_16X4_EIGHT \
    BC_F32_WA BC_F32_X8_4 BC_F32_WB \
    BC_F32_16X4(24, 25, 26, 27, 16, 18, 20, 22, 0) BC_F32_WA \
    BC_F32_16X4(28, 29, 30, 31, 16, 18, 20, 22, 1) BC_F32_WB \
    BC_F32_16X4(24, 25, 26, 27, 16, 18, 20, 22, 2) BC_F32_WA \
    BC_F32_16X4(28, 29, 30, 31, 16, 18, 20, 22, 3) BC_F32_WB \
    BC_F32_16X4(24, 25, 26, 27, 17, 19, 21, 23, 0) BC_F32_WA \
    BC_F32_16X4(28, 29, 30, 31, 17, 19, 21, 23, 1) BC_F32_WB \
    BC_F32_16X4(24, 25, 26, 27, 17, 19, 21, 23, 2) \
    BC_F32_16X4(28, 29, 30, 31, 17, 19, 21, 23, 3)
#define BC_F32_8X4_EIGHT \
    BC_F32_WA BC_F32_X8_4 BC_F32_WB \
    BC_F32_8X4(24, 25, 16, 18, 20, 22, 0) BC_F32_8X4(26, 27, 16, 18, 20, 22, 1) BC_F32_WA \
    BC_F32_8X4(28, 29, 16, 18, 20, 22, 2) BC_F32_8X4(30, 31, 16, 18, 20, 22, 3) BC_F32_WB \
    BC_F32_8X4(24, 25, 17, 19, 21, 23, 0) BC_F32_8X4(26, 27, 17, 19, 21, 23, 1) \
    BC_F32_8X4(28, 29, 17, 19, 21, 23, 2) BC_F32_8X4(30, 31, 17, 19, 21, 23, 3)
#define BC_F32_4X4_EIGHT \
    BC_F32_X8_4 \
    BC_F32_4X4_FOUR(16, 18, 20, 22) BC_F32_WB \
    BC_F32_4X4(28, 17, 19, 21, 23, 0) BC_F32_4X4(29, 17, 19, 21, 23, 1) \
    BC_F32_4X4(30, 17, 19, 21, 23, 2) BC_F32_4X4(31, 17, 19, 21, 23, 3)

/* One pixel. 16 channels: sums of even and odd products in v0 to v3 and v4 to v7; 8: v0, v1 and v2, v3; 4: v0 to v3. */
#define BC_F32_16X1_TWO(X, L0, L1) \
    BC_F32_WA BC_F32_WB \
    BC_F32_ROW_16(0, 1, 2, 3, 24, 25, 26, 27, X, L0) BC_F32_ROW_16(4, 5, 6, 7, 28, 29, 30, 31, X, L1)
#define BC_F32_16X1_FOUR(X) BC_F32_16X1_TWO(X, 0, 1) BC_F32_16X1_TWO(X, 2, 3)
#define BC_F32_8X1_FOUR(X) \
    BC_F32_WA BC_F32_WB \
    BC_F32_FMLA(0, 24, X, 0) BC_F32_FMLA(1, 25, X, 0) BC_F32_FMLA(2, 26, X, 1) BC_F32_FMLA(3, 27, X, 1) \
    BC_F32_FMLA(0, 28, X, 2) BC_F32_FMLA(1, 29, X, 2) BC_F32_FMLA(2, 30, X, 3) BC_F32_FMLA(3, 31, X, 3)
#define BC_F32_4X1_FOUR(X) \
    BC_F32_WA \
    BC_F32_FMLA(0, 24, X, 0) BC_F32_FMLA(1, 25, X, 1) BC_F32_FMLA(2, 26, X, 2) BC_F32_FMLA(3, 27, X, 3)

/* A window: x9 to x12 its pixels, x13 the weights, x14 to x17 counters. */
#define BC_F32_WINDOW(EIGHT, X4, FOUR, X1, ONE, NEXT) \
    "ldr x14, [%[d], #16]\n" \
    "1:\n" \
    "ldp x15, x16, [%[d]]\n" \
    "cbz x15, 3f\n" \
    "2:\n" \
    "subs x15, x15, #1\n" \
    EIGHT \
    "b.ne 2b\n" \
    "3:\n" \
    "cbz x16, 6f\n" \
    "ands x17, x16, #3\n" \
    "tbz x16, #2, 4f\n" \
    X4 \
    FOUR \
    "4:\n" \
    "b.eq 6f\n" \
    "5:\n" \
    "subs x17, x17, #1\n" \
    X1 \
    ONE \
    "b.ne 5b\n" \
    "6:\n" \
    "subs x14, x14, #1\n" \
    "b.eq 7f\n" \
    "ldr x15, [%[d], #24]\n" \
    NEXT \
    "b 1b\n" \
    "7:\n"

#define BC_F32_NEXT_4 "add x9, x9, x15\n" "add x10, x10, x15\n" "add x11, x11, x15\n" "add x12, x12, x15\n"
#define BC_F32_NEXT_1 "add x9, x9, x15\n"

/* The bounds: v30 the least, v31 the most. LEAST and MOST: of all sums. */
#define BC_F32_LEAST(A) "fmax v" #A ".4s, v" #A ".4s, v30.4s\n"
#define BC_F32_MOST(A) "fmin v" #A ".4s, v" #A ".4s, v31.4s\n"
#define BC_F32_OF_4(DO, A, B, C, D) DO(A) DO(B) DO(C) DO(D)
#define BC_F32_OF_8(DO) BC_F32_OF_4(DO, 0, 1, 2, 3) BC_F32_OF_4(DO, 4, 5, 6, 7)
#define BC_F32_OF_16(DO) BC_F32_OF_8(DO) BC_F32_OF_4(DO, 8, 9, 10, 11) BC_F32_OF_4(DO, 12, 13, 14, 15)
#define BC_F32_LIMITS(LEAST, MOST) \
    "ldr w15, [%[b], #32]\n" \
    "cbz w15, 9f\n" \
    "ldp q30, q31, [%[b]]\n" \
    "tbz w15, #0, 8f\n" \
    LEAST \
    "8:\n" \
    "tbz w15, #1, 9f\n" \
    MOST \
    "9:\n"

#define BC_F32_CLOBBERS \
    "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", \
        "v8", "v9", "v10", "v11", "v12", "v13", "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", \
        "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31", "cc", "memory"

#define BC_F32_BEGIN_4 "ldp x9, x10, [%[x]], #16\n" "ldp x11, x12, [%[x]], #16\n" "mov x13, %[w]\n"
#define BC_F32_BEGIN_1 "mov x9, %[x]\n" "mov x13, %[w]\n"

#define BC_F32_NEXT_BLOCK "subs %[blocks], %[blocks], #1\n" "b.ne 0b\n"
#define BC_F32_ZERO(A) "movi v" #A ".16b, #0\n"
#define BC_F32_ADD(A, B) "fadd v" #A ".4s, v" #A ".4s, v" #B ".4s\n"

/*
 * `blocks` times four pixels by 16 channels: x: the windows of all of them. y: the first one's results; s: bytes from
 * those of a pixel to those of the next, s2 and s3: of the second and third of four, 0 where the next one is the same.
 */
static BC_INLINE void bc_f32_neon_16x4(
    const float *const *x, int64_t blocks, const float *w, const float *bias, float *y, int64_t s, int64_t s2,
    int64_t s3, const bc_f32_neon_window *window, const bc_f32_neon_bounds *bounds)
{
    __asm__ volatile(
        BC_F32_16X4_MACRO
        "0:\n"
        "ld1 {v0.4s, v1.4s, v2.4s, v3.4s}, [%[bias]]\n"
        "ld1 {v4.4s, v5.4s, v6.4s, v7.4s}, [%[bias]]\n"
        "ld1 {v8.4s, v9.4s, v10.4s, v11.4s}, [%[bias]]\n"
        "ld1 {v12.4s, v13.4s, v14.4s, v15.4s}, [%[bias]]\n"
        BC_F32_BEGIN_4
        BC_F32_WINDOW(BC_F32_16X4_EIGHT, BC_F32_X4_4, BC_F32_16X4_FOUR(16, 18, 20, 22), BC_F32_X1_4,
                      BC_F32_WA BC_F32_16X4(24, 25, 26, 27, 16, 18, 20, 22, 0), BC_F32_NEXT_4)
        BC_F32_LIMITS(BC_F32_OF_16(BC_F32_LEAST), BC_F32_OF_16(BC_F32_MOST))
        "st1 {v0.4s, v1.4s, v2.4s, v3.4s}, [%[y]], %[s]\n"
        "st1 {v4.4s, v5.4s, v6.4s, v7.4s}, [%[y]], %[s2]\n"
        "st1 {v8.4s, v9.4s, v10.4s, v11.4s}, [%[y]], %[s3]\n"
        "st1 {v12.4s, v13.4s, v14.4s, v15.4s}, [%[y]], %[s]\n"
        BC_F32_NEXT_BLOCK
        BC_F32_16X4_END
        : [x] "+&r"(x), [y] "+&r"(y), [blocks] "+&r"(blocks)
        : [w] "r"(w), [bias] "r"(bias), [s] "r"(s), [s2] "r"(s2), [s3] "r"(s3), [d] "r"(window), [b] "r"(bounds)
        : BC_F32_CLOBBERS);
}

static BC_INLINE void bc_f32_neon_8x4(
    const float *const *x, int64_t blocks, const float *w, const float *bias, float *y, int64_t s, int64_t s2,
    int64_t s3, const bc_f32_neon_window *window, const bc_f32_neon_bounds *bounds)
{
    __asm__ volatile(
        BC_F32_8X4_MACRO
        "0:\n"
        "ldp q0, q1, [%[bias]]\n"
        "ldp q2, q3, [%[bias]]\n"
        "ldp q4, q5, [%[bias]]\n"
        "ldp q6, q7, [%[bias]]\n"
        BC_F32_BEGIN_4
        BC_F32_WINDOW(BC_F32_8X4_EIGHT, BC_F32_X4_4, BC_F32_8X4_FOUR(16, 18, 20, 22), BC_F32_X1_4,
                      "ldp q24, q25, [x13], #32\n" BC_F32_8X4(24, 25, 16, 18, 20, 22, 0), BC_F32_NEXT_4)
        BC_F32_LIMITS(BC_F32_OF_8(BC_F32_LEAST), BC_F32_OF_8(BC_F32_MOST))
        "st1 {v0.4s, v1.4s}, [%[y]], %[s]\n"
        "st1 {v2.4s, v3.4s}, [%[y]], %[s2]\n"
        "st1 {v4.4s, v5.4s}, [%[y]], %[s3]\n"
        "st1 {v6.4s, v7.4s}, [%[y]], %[s]\n"
        BC_F32_NEXT_BLOCK
        BC_F32_8X4_END
        : [x] "+&r"(x), [y] "+&r"(y), [blocks] "+&r"(blocks)
        : [w] "r"(w), [bias] "r"(bias), [s] "r"(s), [s2] "r"(s2), [s3] "r"(s3), [d] "r"(window), [b] "r"(bounds)
        : BC_F32_CLOBBERS);
}

static BC_INLINE void bc_f32_neon_4x4(
    const float *const *x, int64_t blocks, const float *w, const float *bias, float *y, int64_t s, int64_t s2,
    int64_t s3, const bc_f32_neon_window *window, const bc_f32_neon_bounds *bounds)
{
    __asm__ volatile(
        "0:\n"
        "ldr q0, [%[bias]]\n"
        "ldr q1, [%[bias]]\n"
        "ldr q2, [%[bias]]\n"
        "ldr q3, [%[bias]]\n"
        BC_F32_BEGIN_4
        BC_F32_WINDOW(BC_F32_4X4_EIGHT, BC_F32_X4_4, BC_F32_4X4_FOUR(16, 18, 20, 22), BC_F32_X1_4,
                      "ldr q24, [x13], #16\n" BC_F32_4X4(24, 16, 18, 20, 22, 0), BC_F32_NEXT_4)
        BC_F32_LIMITS(BC_F32_OF_4(BC_F32_LEAST, 0, 1, 2, 3), BC_F32_OF_4(BC_F32_MOST, 0, 1, 2, 3))
        "st1 {v0.4s}, [%[y]], %[s]\n"
        "st1 {v1.4s}, [%[y]], %[s2]\n"
        "st1 {v2.4s}, [%[y]], %[s3]\n"
        "st1 {v3.4s}, [%[y]], %[s]\n"
        BC_F32_NEXT_BLOCK
        : [x] "+&r"(x), [y] "+&r"(y), [blocks] "+&r"(blocks)
        : [w] "r"(w), [bias] "r"(bias), [s] "r"(s), [s2] "r"(s2), [s3] "r"(s3), [d] "r"(window), [b] "r"(bounds)
        : BC_F32_CLOBBERS);
}

/* One pixel by 16 channels, 8 or 4. */
static BC_INLINE void bc_f32_neon_16x1(
    const float *x, const float *w, const float *bias, float *y, const bc_f32_neon_window *window,
    const bc_f32_neon_bounds *bounds)
{
    __asm__ volatile(
        "ld1 {v0.4s, v1.4s, v2.4s, v3.4s}, [%[bias]]\n"
        BC_F32_ZERO(4) BC_F32_ZERO(5) BC_F32_ZERO(6) BC_F32_ZERO(7)
        BC_F32_BEGIN_1
        BC_F32_WINDOW(BC_F32_X8_1 BC_F32_16X1_FOUR(16) BC_F32_16X1_FOUR(17), BC_F32_X4_1, BC_F32_16X1_FOUR(16),
                      BC_F32_X1_1, BC_F32_WA BC_F32_ROW_16(0, 1, 2, 3, 24, 25, 26, 27, 16, 0), BC_F32_NEXT_1)
        BC_F32_ADD(0, 4) BC_F32_ADD(1, 5) BC_F32_ADD(2, 6) BC_F32_ADD(3, 7)
        BC_F32_LIMITS(BC_F32_OF_4(BC_F32_LEAST, 0, 1, 2, 3), BC_F32_OF_4(BC_F32_MOST, 0, 1, 2, 3))
        "st1 {v0.4s, v1.4s, v2.4s, v3.4s}, [%[y]]\n"
        :
        : [x] "r"(x), [w] "r"(w), [bias] "r"(bias), [y] "r"(y), [d] "r"(window), [b] "r"(bounds)
        : BC_F32_CLOBBERS);
}

static BC_INLINE void bc_f32_neon_8x1(
    const float *x, const float *w, const float *bias, float *y, const bc_f32_neon_window *window,
    const bc_f32_neon_bounds *bounds)
{
    __asm__ volatile(
        "ldp q0, q1, [%[bias]]\n"
        BC_F32_ZERO(2) BC_F32_ZERO(3)
        BC_F32_BEGIN_1
        BC_F32_WINDOW(BC_F32_X8_1 BC_F32_8X1_FOUR(16) BC_F32_8X1_FOUR(17), BC_F32_X4_1, BC_F32_8X1_FOUR(16),
                      BC_F32_X1_1, "ldp q24, q25, [x13], #32\n" BC_F32_FMLA(0, 24, 16, 0) BC_F32_FMLA(1, 25, 16, 0),
                      BC_F32_NEXT_1)
        BC_F32_ADD(0, 2) BC_F32_ADD(1, 3)
        BC_F32_LIMITS(BC_F32_LEAST(0) BC_F32_LEAST(1), BC_F32_MOST(0) BC_F32_MOST(1))
        "stp q0, q1, [%[y]]\n"
        :
        : [x] "r"(x), [w] "r"(w), [bias] "r"(bias), [y] "r"(y), [d] "r"(window), [b] "r"(bounds)
        : BC_F32_CLOBBERS);
}

static BC_INLINE void bc_f32_neon_4x1(
    const float *x, const float *w, const float *bias, float *y, const bc_f32_neon_window *window,
    const bc_f32_neon_bounds *bounds)
{
    __asm__ volatile(
        "ldr q0, [%[bias]]\n"
        BC_F32_ZERO(1) BC_F32_ZERO(2) BC_F32_ZERO(3)
        BC_F32_BEGIN_1
        BC_F32_WINDOW(BC_F32_X8_1 BC_F32_4X1_FOUR(16) BC_F32_4X1_FOUR(17), BC_F32_X4_1, BC_F32_4X1_FOUR(16),
                      BC_F32_X1_1, "ldr q24, [x13], #16\n" BC_F32_FMLA(0, 24, 16, 0), BC_F32_NEXT_1)
        BC_F32_ADD(0, 1) BC_F32_ADD(2, 3) BC_F32_ADD(0, 2)
        BC_F32_LIMITS(BC_F32_LEAST(0), BC_F32_MOST(0))
        "str q0, [%[y]]\n"
        :
        : [x] "r"(x), [w] "r"(w), [bias] "r"(bias), [y] "r"(y), [d] "r"(window), [b] "r"(bounds)
        : BC_F32_CLOBBERS);
}

#endif

#endif
