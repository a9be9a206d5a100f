/* SPDX-License-Identifier: 0BSD */
/*
 * Tiles of sums without dot products: SMULL and SMLAL2 add two products of bytes in a lane of 16 bits, SADALP adds
 * neighbouring lanes to sums of 32 bits. Two products fit 16 bits unless both weights are -128, which the packer rules
 * out (sdk/barecast/layouts/neon_mull.py).
 *
 *   w [blocks][2 halves][segments]: [chunks][4 channels][16], then [4][8] if fours / 2 is 1, then [4][4] if it is odd
 *
 * A tile is four pixels by four channels: sixteen sums of four lanes each, which are added up at its end. The first
 * chunk makes them (SADDLP), the others add to them. In assembly, for all registers have a place.
 */
#ifndef BC_TILE_S8_NEON_H
#define BC_TILE_S8_NEON_H

#include "barecast/bc_neon.h"

/* Sums of a channel's four pixels: their bytes in v16 .. v19 by its weights. ADD is sadalp, or saddlp for the first. */
#define BC_MULL_16(ADD, S0, S1, S2, S3, W)                                           \
    ".irp k,6,7,8,9\n" "smull v2\\k\\().8h, v1\\k\\().8b, v" #W ".8b\n" ".endr\n"    \
    ".irp k,6,7,8,9\n" "smlal2 v2\\k\\().8h, v1\\k\\().16b, v" #W ".16b\n" ".endr\n" \
    BC_MULL_ADD(ADD, S0, S1, S2, S3)
#define BC_MULL_8(ADD, S0, S1, S2, S3, W)                                         \
    ".irp k,6,7,8,9\n" "smull v2\\k\\().8h, v1\\k\\().8b, v" #W ".8b\n" ".endr\n" \
    BC_MULL_ADD(ADD, S0, S1, S2, S3)
#define BC_MULL_ADD(ADD, S0, S1, S2, S3)                      \
    ADD " v" #S0 ".4s, v26.8h\n" ADD " v" #S1 ".4s, v27.8h\n" \
    ADD " v" #S2 ".4s, v28.8h\n" ADD " v" #S3 ".4s, v29.8h\n"
/* All four channels, their weights in v20 to v23. */
#define BC_MULL_CHANNELS(PRODUCTS, ADD)                         \
    PRODUCTS(ADD, 0, 1, 2, 3, 20) PRODUCTS(ADD, 4, 5, 6, 7, 21) \
    PRODUCTS(ADD, 8, 9, 10, 11, 22) PRODUCTS(ADD, 12, 13, 14, 15, 23)
#define BC_MULL_CHUNK             \
    "ldp q20, q21, [%[w]], #64\n" \
    BC_MULL_LOAD("q", "16")       \
    "ldp q22, q23, [%[w], #-32]\n"
#define BC_MULL_LOAD(R, SIZE)                                         \
    "ldr " R "16, [x8], #" SIZE "\n" "ldr " R "17, [x9], #" SIZE "\n" \
    "ldr " R "18, [x10], #" SIZE "\n" "ldr " R "19, [x11], #" SIZE "\n"

/* The four lanes of each channel's sum of a pixel become one: lane k is channel k. */
#define BC_MULL_REDUCE(A, B, C, D)              \
    "addp v" #A ".4s, v" #A ".4s, v" #B ".4s\n" \
    "addp v" #C ".4s, v" #C ".4s, v" #D ".4s\n" \
    "addp v" #A ".4s, v" #A ".4s, v" #C ".4s\n" \
    "add v" #A ".4s, v" #A ".4s, v16.4s\n"

/* sums[k][0..3] = bias + four channels of the pixel with the window x[k]; returns the weights of the next half. */
static BC_INLINE const int8_t *bc_mull_four(
    const bc_neon_depth *depth, const int8_t *const x[4], const int8_t *w, const int32_t *bias, int32_t *sums)
{
    __asm__ volatile(
        "ldp x8, x9, [%[x]]\n"
        "ldp x10, x11, [%[x], #16]\n"
        "ldp x4, x3, [%[d]]\n"
        "ldp x2, x7, [%[d], #16]\n"
        "sub x7, x7, x3, lsl #4\n"
        "sub x7, x7, x2, lsl #2\n"
        "cbz x3, 7f\n"
        BC_MULL_CHUNK
        "subs x6, x3, #1\n"
        BC_MULL_CHANNELS(BC_MULL_16, "saddlp")
        "b.ne 2f\n"
        "b 3f\n"
        "7:\n"
        ".irp k,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n" "movi v\\k\\().4s, #0\n" ".endr\n"
        "1:\n"
        "mov x6, x3\n"
        "cbz x3, 3f\n"
        "2:\n"
        BC_MULL_CHUNK
        "subs x6, x6, #1\n"
        BC_MULL_CHANNELS(BC_MULL_16, "sadalp")
        "b.ne 2b\n"
        "3:\n"
        "tbz x2, #1, 4f\n"
        "ldp d20, d21, [%[w]], #32\n"
        BC_MULL_LOAD("d", "8")
        "ldp d22, d23, [%[w], #-16]\n"
        "mov x6, #1\n"
        "b 6f\n"
        "4:\n"
        "tbz x2, #0, 5f\n"
        "ldp s20, s21, [%[w]], #16\n"
        BC_MULL_LOAD("s", "4")
        "ldp s22, s23, [%[w], #-8]\n"
        "mov x6, #0\n"
        "6:\n"
        BC_MULL_CHANNELS(BC_MULL_8, "sadalp")
        "cbnz x6, 4b\n"
        "5:\n"
        "subs x4, x4, #1\n"
        "add x8, x8, x7\n"
        "add x9, x9, x7\n"
        "add x10, x10, x7\n"
        "add x11, x11, x7\n"
        "b.ne 1b\n"
        "ldr q16, [%[bias]]\n"
        BC_MULL_REDUCE(0, 4, 8, 12) BC_MULL_REDUCE(1, 5, 9, 13)
        BC_MULL_REDUCE(2, 6, 10, 14) BC_MULL_REDUCE(3, 7, 11, 15)
        "str q0, [%[sums]]\n"
        "str q1, [%[sums], #32]\n"
        "str q2, [%[sums], #64]\n"
        "str q3, [%[sums], #96]\n"
        : [w] "+&r"(w)
        : [x] "r"(x), [d] "r"(depth), [bias] "r"(bias), [sums] "r"(sums)
        : "x2", "x3", "x4", "x6", "x7", "x8", "x9", "x10", "x11", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8",
          "v9", "v10", "v11", "v12", "v13", "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v26",
          "v27", "v28", "v29", "cc", "memory");
    return w;
}

/* All channels of up to four pixels: x has four windows, which may be the same; pixels: those with results. */
static BC_INLINE void bc_mull_pixels_four(
    const bc_neon_layer *l, const int8_t *const x[4], int32_t pixels, int8_t *y, ptrdiff_t y_step, int32_t mode)
{
    const int8_t *w = l->w;
    const int32_t *channels = l->channels;
    for (int32_t left = l->out_c; left > 0; left -= BC_NEON_BLOCK) {
        int32_t sums[4 * BC_NEON_BLOCK];
        w = bc_mull_four(&l->depth, x, w, channels, sums);
        w = bc_mull_four(&l->depth, x, w, channels + 4, sums + 4);
        const bc_neon_way way = bc_neon_way_out(l, channels, mode);
        for (int32_t k = 0; k < pixels; k += 2) {
            const int32_t *const s = sums + k * BC_NEON_BLOCK;
            bc_neon_finish(l, &way, channels, vld1q_s32(s), vld1q_s32(s + 4), vld1q_s32(s + 8), vld1q_s32(s + 12),
                           y + k * y_step, k + 1 < pixels ? y + (k + 1) * y_step : (int8_t *)0, left, mode);
        }
        channels += bc_neon_each(l);
        y += BC_NEON_BLOCK;
    }
}

/* One pixel's bytes in v16 by the weights of four channels in v20 to v23. */
#define BC_MULL_ONE_16(ADD)                                                 \
    "smull v26.8h, v16.8b, v20.8b\n" "smull v27.8h, v16.8b, v21.8b\n"       \
    "smull v28.8h, v16.8b, v22.8b\n" "smull v29.8h, v16.8b, v23.8b\n"       \
    "smlal2 v26.8h, v16.16b, v20.16b\n" "smlal2 v27.8h, v16.16b, v21.16b\n" \
    "smlal2 v28.8h, v16.16b, v22.16b\n" "smlal2 v29.8h, v16.16b, v23.16b\n" \
    BC_MULL_ADD(ADD, 0, 1, 2, 3)
#define BC_MULL_ONE_8(ADD)                                            \
    "smull v26.8h, v16.8b, v20.8b\n" "smull v27.8h, v16.8b, v21.8b\n" \
    "smull v28.8h, v16.8b, v22.8b\n" "smull v29.8h, v16.8b, v23.8b\n" \
    BC_MULL_ADD(ADD, 0, 1, 2, 3)

#define BC_MULL_ONE_CHUNK \
    "ldr q16, [x8], #16\n" "ldp q20, q21, [%[w]], #64\n" "ldp q22, q23, [%[w], #-32]\n"

/* A bc_mull_sums for any weights. */
static BC_INLINE int32x4_t bc_mull_one(
    const bc_neon_depth *depth, const int8_t *x, const int8_t **weights, const int32_t *bias)
{
    const int8_t *w = *weights;
    int32x4_t sums;
    __asm__ volatile(
        "ldp x4, x3, [%[d]]\n"
        "ldp x2, x7, [%[d], #16]\n"
        "sub x7, x7, x3, lsl #4\n"
        "sub x7, x7, x2, lsl #2\n"
        "mov x8, %[x]\n"
        "cbz x3, 7f\n"
        BC_MULL_ONE_CHUNK
        "subs x6, x3, #1\n"
        BC_MULL_ONE_16("saddlp")
        "b.ne 2f\n"
        "b 3f\n"
        "7:\n"
        "movi v0.4s, #0\n" "movi v1.4s, #0\n" "movi v2.4s, #0\n" "movi v3.4s, #0\n"
        "1:\n"
        "mov x6, x3\n"
        "cbz x3, 3f\n"
        "2:\n"
        BC_MULL_ONE_CHUNK
        "subs x6, x6, #1\n"
        BC_MULL_ONE_16("sadalp")
        "b.ne 2b\n"
        "3:\n"
        "tbz x2, #1, 4f\n"
        "ldr d16, [x8], #8\n"
        "ldp d20, d21, [%[w]], #32\n"
        "ldp d22, d23, [%[w], #-16]\n"
        BC_MULL_ONE_8("sadalp")
        "4:\n"
        "tbz x2, #0, 5f\n"
        "ldr s16, [x8], #4\n"
        "ldp s20, s21, [%[w]], #16\n"
        "ldp s22, s23, [%[w], #-8]\n"
        BC_MULL_ONE_8("sadalp")
        "5:\n"
        "subs x4, x4, #1\n"
        "add x8, x8, x7\n"
        "b.ne 1b\n"
        "ldr q16, [%[bias]]\n"
        BC_MULL_REDUCE(0, 1, 2, 3)
        "mov %[sums].16b, v0.16b\n"
        : [w] "+&r"(w), [sums] "=w"(sums)
        : [x] "r"(x), [d] "r"(depth), [bias] "r"(bias)
        : "x2", "x3", "x4", "x6", "x7", "x8", "v0", "v1", "v2", "v3", "v16", "v20", "v21", "v22", "v23", "v26", "v27",
          "v28", "v29", "cc", "memory");
    *weights = w;
    return sums;
}

/* bias + the sums of four channels of one pixel; weights go on to the next half. */
typedef int32x4_t (*bc_mull_sums)(
    const bc_neon_depth *depth, const int8_t *x, const int8_t **weights, const int32_t *bias);

/* All channels of one pixel. */
static BC_INLINE void bc_mull_pixel(
    const bc_neon_layer *l, const int8_t *x, int8_t *y, bc_mull_sums sums, int32_t mode)
{
    const int8_t *w = l->w;
    const int32_t *channels = l->channels;
    for (int32_t left = l->out_c; left > 0; left -= BC_NEON_BLOCK) {
        const int32x4_t a = sums(&l->depth, x, &w, channels);
        const int32x4_t b = sums(&l->depth, x, &w, channels + 4);
        const bc_neon_way way = bc_neon_way_out(l, channels, mode);
        bc_neon_finish(l, &way, channels, a, b, a, b, y, (int8_t *)0, left, mode);
        channels += bc_neon_each(l);
        y += BC_NEON_BLOCK;
    }
}

/* Windows behind the last one, up to a multiple of four, are read but not used. */
static BC_INLINE void bc_mull_any(
    const bc_neon_layer *l, const int8_t *const x[8], int32_t pixels, int8_t *y, ptrdiff_t y_step, int32_t mode)
{
    for (; pixels > 1; pixels -= 4, x += 4, y += 4 * y_step) {
        bc_mull_pixels_four(l, x, pixels < 4 ? pixels : 4, y, y_step, mode);
    }
    if (pixels == 1) {
        bc_mull_pixel(l, x[0], y, bc_mull_one, mode);
    }
}
BC_NEON_TILE(bc_mull)

#endif
