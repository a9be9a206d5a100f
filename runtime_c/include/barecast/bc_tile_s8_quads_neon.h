/* SPDX-License-Identifier: 0BSD */
/*
 * As bc_tile_s8_neon.h, one pixel at a time, with four products of bytes in a lane of 16 bits before SADALP adds them
 * up: for one segment of 32 bytes or more whose weights are small. The weights that meet in a lane are 8, 16 and 24
 * bytes apart in two chunks; where their sizes add up to 255 at most, 128 times that fits 16 bits
 * (sdk/barecast/layouts/neon_mull.py).
 */
#ifndef BC_TILE_S8_QUADS_NEON_H
#define BC_TILE_S8_QUADS_NEON_H

#include "barecast/bc_tile_s8_neon.h"

/* Products of the pixel's bytes in X with the weights of four channels; T: their first eight bytes, or all 16. */
#define BC_QUADS_PRODUCTS(OP, T, X, W0, W1, W2, W3)                                             \
    OP " v26.8h, v" #X "." T ", v" #W0 "." T "\n" OP " v27.8h, v" #X "." T ", v" #W1 "." T "\n" \
    OP " v28.8h, v" #X "." T ", v" #W2 "." T "\n" OP " v29.8h, v" #X "." T ", v" #W3 "." T "\n"

/* Two chunks, from x8 and %[w] on; ADD: saddlp makes the sums, sadalp adds to them. */
#define BC_QUADS_CHUNKS(ADD)                               \
    "ldp q16, q17, [x8], #32\n"                            \
    "ldp q20, q21, [%[w]], #128\n"                         \
    "ldp q22, q23, [%[w], #-96]\n"                         \
    "ldp q4, q5, [%[w], #-64]\n"                           \
    "ldp q6, q7, [%[w], #-32]\n"                           \
    "subs x6, x6, #1\n"                                    \
    BC_QUADS_PRODUCTS("smull", "8b", 16, 20, 21, 22, 23)   \
    BC_QUADS_PRODUCTS("smlal2", "16b", 16, 20, 21, 22, 23) \
    BC_QUADS_PRODUCTS("smlal", "8b", 17, 4, 5, 6, 7)       \
    BC_QUADS_PRODUCTS("smlal2", "16b", 17, 4, 5, 6, 7)     \
    BC_MULL_ADD(ADD, 0, 1, 2, 3)

/* A bc_mull_sums. */
static BC_INLINE int32x4_t bc_quads_one(
    const bc_neon_depth *depth, const int8_t *x, const int8_t **weights, const int32_t *bias)
{
    const int8_t *w = *weights;
    int32x4_t sums;
    __asm__ volatile(
        "ldp x3, x2, [%[d], #8]\n"
        "mov x8, %[x]\n"
        "lsr x6, x3, #1\n"
        BC_QUADS_CHUNKS("saddlp")
        "b.eq 2f\n"
        "1:\n"
        BC_QUADS_CHUNKS("sadalp")
        "b.ne 1b\n"
        "2:\n"
        "tbz x3, #0, 3f\n"
        BC_MULL_ONE_CHUNK
        BC_MULL_ONE_16("sadalp")
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
        "ldr q16, [%[bias]]\n"
        BC_MULL_REDUCE(0, 1, 2, 3)
        "mov %[sums].16b, v0.16b\n"
        : [w] "+&r"(w), [sums] "=w"(sums)
        : [x] "r"(x), [d] "r"(depth), [bias] "r"(bias)
        : "x2", "x3", "x6", "x8", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v16", "v17", "v20", "v21", "v22",
          "v23", "v26", "v27", "v28", "v29", "cc", "memory");
    *weights = w;
    return sums;
}

static BC_INLINE void bc_quads_any(
    const bc_neon_layer *l, const int8_t *const x[8], int32_t pixels, int8_t *y, ptrdiff_t y_step, int32_t mode)
{
    for (int32_t k = 0; k < pixels; ++k, y += y_step) {
        bc_mull_pixel(l, x[k], y, bc_quads_one, mode);
    }
}
BC_NEON_TILE(bc_quads)

#endif
