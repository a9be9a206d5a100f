/* SPDX-License-Identifier: 0BSD */
/*
 * Tiles of sums by SDOT, which multiplies a lane's four bytes with four bytes of each of four channels.
 *
 *   w [blocks][depth / 4][8][4] int8_t: for four bytes of a pixel the four weights of each channel of a block
 *
 * In assembly: sixteen sums, eight pixels and eight words of weights take all registers, which compilers spill.
 */
#ifndef BC_TILE_DOTPROD_H
#define BC_TILE_DOTPROD_H

#include "barecast/bc_neon.h"

/* Four bytes deep: LANE of a pixel in v16 ..; W0, W1: the weights of a block's halves. */
#define BC_DOTPROD_PIXEL(A, B, X, LANE, W0, W1)                   \
    "sdot %[" #A "].4s, v" #W0 ".16b, v" #X ".4b[" #LANE "]\n"    \
    "sdot %[" #B "].4s, v" #W1 ".16b, v" #X ".4b[" #LANE "]\n"
#define BC_DOTPROD_4(LANE, W0, W1)                                                                      \
    BC_DOTPROD_PIXEL(a0, b0, 16, LANE, W0, W1) BC_DOTPROD_PIXEL(a1, b1, 17, LANE, W0, W1)                   \
    BC_DOTPROD_PIXEL(a2, b2, 18, LANE, W0, W1) BC_DOTPROD_PIXEL(a3, b3, 19, LANE, W0, W1)
#define BC_DOTPROD_8(LANE, W0, W1)                                                                      \
    BC_DOTPROD_4(LANE, W0, W1)                                                                          \
    BC_DOTPROD_PIXEL(a4, b4, 20, LANE, W0, W1) BC_DOTPROD_PIXEL(a5, b5, 21, LANE, W0, W1)                 \
    BC_DOTPROD_PIXEL(a6, b6, 22, LANE, W0, W1) BC_DOTPROD_PIXEL(a7, b7, 23, LANE, W0, W1)

#define BC_DOTPROD_LOAD_4(R)                              \
    "ldr " R "16, [x8, x7]\n" "ldr " R "17, [x9, x7]\n"   \
    "ldr " R "18, [x10, x7]\n" "ldr " R "19, [x11, x7]\n"
#define BC_DOTPROD_LOAD_8(R)                              \
    BC_DOTPROD_LOAD_4(R)                                  \
    "ldr " R "20, [x12, x7]\n" "ldr " R "21, [x13, x7]\n" \
    "ldr " R "22, [x14, x7]\n" "ldr " R "23, [x15, x7]\n"

/*
 * Over the depth at %[d] with the weights from %[w] on. x7: the place in a window; x3: chunks; x2: fours; x5: the
 * segment's place; x4: segments left; x6: counts down.
 */
#define BC_DOTPROD_DEPTH(LOAD, LANES)                     \
    "ldp x4, x3, [%[d]]\n"                                \
    "ldr x2, [%[d], #16]\n"                               \
    "mov x5, #0\n"                                        \
    "1:\n"                                                \
    "mov x7, x5\n"                                        \
    "mov x6, x3\n"                                        \
    "cbz x3, 3f\n"                                        \
    "2:\n"                                                \
    "ldp q24, q25, [%[w]]\n"                              \
    LOAD("q")                                             \
    "ldp q26, q27, [%[w], #32]\n"                         \
    "subs x6, x6, #1\n"                                   \
    LANES(0, 24, 25)                                      \
    "ldp q28, q29, [%[w], #64]\n"                         \
    LANES(1, 26, 27)                                      \
    "ldp q30, q31, [%[w], #96]\n"                         \
    "add x7, x7, #16\n"                                   \
    LANES(2, 28, 29)                                      \
    "add %[w], %[w], #128\n"                              \
    LANES(3, 30, 31)                                      \
    "b.ne 2b\n"                                           \
    "3:\n"                                                \
    "cbz x2, 5f\n"                                        \
    "mov x6, x2\n"                                        \
    "4:\n"                                                \
    "ldp q24, q25, [%[w]], #32\n"                         \
    LOAD("s")                                             \
    "add x7, x7, #4\n"                                    \
    "subs x6, x6, #1\n"                                   \
    LANES(0, 24, 25)                                      \
    "b.ne 4b\n"                                           \
    "5:\n"                                                \
    "ldr x7, [%[d], #24]\n"                               \
    "subs x4, x4, #1\n"                                   \
    "add x5, x5, x7\n"                                    \
    "b.ne 1b\n"

/* The sums of the pixel N begin with the first one's biases. */
#define BC_DOTPROD_SAME(N) "mov %[a" #N "].16b, %[a0].16b\n" "mov %[b" #N "].16b, %[b0].16b\n"

#define BC_DOTPROD_CLOBBERS \
    "x2", "x3", "x4", "x5", "x6", "x7", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31", "cc", "memory"

/* All channels of eight pixels; x: their windows; y: the first one's results, the others y_step bytes apart. */
static BC_INLINE void bc_dotprod_eight(
    const bc_neon_layer *l, const int8_t *const x[8], int8_t *y, int64_t y_step, int32_t mode)
{
    const int8_t *w = l->w;
    const int32_t *channels = l->channels;
    for (int32_t left = l->out_c; left > 0; left -= BC_NEON_BLOCK) {
        int32x4_t a0 = vld1q_s32(channels), b0 = vld1q_s32(channels + 4);
        int32x4_t a1, b1, a2, b2, a3, b3, a4, b4, a5, b5, a6, b6, a7, b7;
        __asm__ volatile(
            ".arch_extension dotprod\n"
            "ldp x8, x9, [%[x]]\n"
            "ldp x10, x11, [%[x], #16]\n"
            "ldp x12, x13, [%[x], #32]\n"
            "ldp x14, x15, [%[x], #48]\n"
            BC_DOTPROD_SAME(1) BC_DOTPROD_SAME(2) BC_DOTPROD_SAME(3) BC_DOTPROD_SAME(4)
            BC_DOTPROD_SAME(5) BC_DOTPROD_SAME(6) BC_DOTPROD_SAME(7)
            BC_DOTPROD_DEPTH(BC_DOTPROD_LOAD_8, BC_DOTPROD_8)
            : [a0] "+w"(a0), [b0] "+w"(b0), [a1] "=w"(a1), [b1] "=w"(b1), [a2] "=w"(a2), [b2] "=w"(b2), [a3] "=w"(a3),
              [b3] "=w"(b3), [a4] "=w"(a4), [b4] "=w"(b4), [a5] "=w"(a5), [b5] "=w"(b5), [a6] "=w"(a6), [b6] "=w"(b6),
              [a7] "=w"(a7), [b7] "=w"(b7), [w] "+&r"(w)
            : [x] "r"(x), [d] "r"(&l->depth)
            : "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "v16", "v17", "v18", "v19", "v20", "v21", "v22",
              "v23", BC_DOTPROD_CLOBBERS);
        const bc_neon_way way = bc_neon_way_out(l, channels, mode);
        bc_neon_finish(l, &way, channels, a0, b0, a1, b1, y, y + y_step, left, mode);
        bc_neon_finish(l, &way, channels, a2, b2, a3, b3, y + 2 * y_step, y + 3 * y_step, left, mode);
        bc_neon_finish(l, &way, channels, a4, b4, a5, b5, y + 4 * y_step, y + 5 * y_step, left, mode);
        bc_neon_finish(l, &way, channels, a6, b6, a7, b7, y + 6 * y_step, y + 7 * y_step, left, mode);
        channels += l->ties < BC_TIES_TFLITE ? 16 : 24;
        y += BC_NEON_BLOCK;
    }
}

/* All channels of up to four pixels: x has four windows, which may be the same; pixels: those with results. */
static BC_INLINE void bc_dotprod_four(
    const bc_neon_layer *l, const int8_t *const x[4], int32_t pixels, int8_t *y, int64_t y_step, int32_t mode)
{
    const int8_t *w = l->w;
    const int32_t *channels = l->channels;
    for (int32_t left = l->out_c; left > 0; left -= BC_NEON_BLOCK) {
        int32x4_t a0 = vld1q_s32(channels), b0 = vld1q_s32(channels + 4), a1, b1, a2, b2, a3, b3;
        __asm__ volatile(
            ".arch_extension dotprod\n"
            "ldp x8, x9, [%[x]]\n"
            "ldp x10, x11, [%[x], #16]\n"
            BC_DOTPROD_SAME(1) BC_DOTPROD_SAME(2) BC_DOTPROD_SAME(3)
            BC_DOTPROD_DEPTH(BC_DOTPROD_LOAD_4, BC_DOTPROD_4)
            : [a0] "+w"(a0), [b0] "+w"(b0), [a1] "=w"(a1), [b1] "=w"(b1), [a2] "=w"(a2), [b2] "=w"(b2), [a3] "=w"(a3),
              [b3] "=w"(b3), [w] "+&r"(w)
            : [x] "r"(x), [d] "r"(&l->depth)
            : "x8", "x9", "x10", "x11", "v16", "v17", "v18", "v19", BC_DOTPROD_CLOBBERS);
        const bc_neon_way way = bc_neon_way_out(l, channels, mode);
        bc_neon_finish(l, &way, channels, a0, b0, a1, b1, y, pixels > 1 ? y + y_step : (int8_t *)0, left, mode);
        if (pixels > 2) {
            int8_t *const last = pixels > 3 ? y + 3 * y_step : (int8_t *)0;
            bc_neon_finish(l, &way, channels, a2, b2, a3, b3, y + 2 * y_step, last, left, mode);
        }
        channels += l->ties < BC_TIES_TFLITE ? 16 : 24;
        y += BC_NEON_BLOCK;
    }
}

/* One pixel, two blocks: a chunk with the weights at %[w] and at x9. */
#define BC_DOTPROD_ONE(LANE, W0, W1, W2, W3)              \
    "sdot %[a0].4s, v" #W0 ".16b, v16.4b[" #LANE "]\n"    \
    "sdot %[b0].4s, v" #W1 ".16b, v16.4b[" #LANE "]\n"    \
    "sdot %[a1].4s, v" #W2 ".16b, v16.4b[" #LANE "]\n"    \
    "sdot %[b1].4s, v" #W3 ".16b, v16.4b[" #LANE "]\n"

/* All channels of one pixel, two blocks at a time; with an odd number the last one twice. */
static BC_INLINE void bc_dotprod_one(const bc_neon_layer *l, const int8_t *x, int8_t *y, int32_t mode)
{
    const int8_t *w = l->w;
    const int32_t *channels = l->channels;
    const int32_t each = l->ties < BC_TIES_TFLITE ? 16 : 24;
    for (int32_t left = l->out_c; left > 0; left -= 2 * BC_NEON_BLOCK) {
        const int32_t *const second = left > BC_NEON_BLOCK ? channels + each : channels;
        int32x4_t a0 = vld1q_s32(channels), b0 = vld1q_s32(channels + 4);
        int32x4_t a1 = vld1q_s32(second), b1 = vld1q_s32(second + 4);
        __asm__ volatile(
            ".arch_extension dotprod\n"
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
            "ldp q24, q25, [%[w]], #128\n"
            "ldp q26, q27, [x9], #128\n"
            "subs x6, x6, #1\n"
            BC_DOTPROD_ONE(0, 24, 25, 26, 27)
            "ldp q28, q29, [%[w], #-96]\n"
            "ldp q30, q31, [x9, #-96]\n"
            BC_DOTPROD_ONE(1, 28, 29, 30, 31)
            "ldp q24, q25, [%[w], #-64]\n"
            "ldp q26, q27, [x9, #-64]\n"
            BC_DOTPROD_ONE(2, 24, 25, 26, 27)
            "ldp q28, q29, [%[w], #-32]\n"
            "ldp q30, q31, [x9, #-32]\n"
            BC_DOTPROD_ONE(3, 28, 29, 30, 31)
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
            : "x9", "v16", BC_DOTPROD_CLOBBERS);
        const bc_neon_way way = bc_neon_way_out(l, channels, mode);
        if (mode == BC_NEON_SCALAR) {
            bc_neon_scalar(l, channels, a0, b0, y, left);
            bc_neon_scalar(l, second, a1, b1, y + BC_NEON_BLOCK, left - BC_NEON_BLOCK);
        } else {
            const bc_neon_way next = bc_neon_way_out(l, second, mode);
            const int8x8_t first = vqmovn_s16(bc_neon_steps(&way, a0, b0, mode));
            const int8x16_t both = vqmovn_high_s16(first, bc_neon_steps(&next, a1, b1, mode));
            const int8x16_t result = vminq_s8(vmaxq_s8(both, way.low), way.high);
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

/* All channels of 1 to 8 pixels. Windows behind the last one, up to a multiple of four, are read but not used. */
#define BC_DOTPROD_PIXELS(NAME, MODE)                                                                          \
    BC_NEON_SHARED void bc_dotprod_##NAME(                                                                     \
        const bc_neon_layer *l, const int8_t *const x[8], int32_t pixels, int8_t *y, int64_t y_step)           \
    {                                                                                                          \
        if (pixels == 8) {                                                                                     \
            bc_dotprod_eight(l, x, y, y_step, MODE);                                                           \
            return;                                                                                            \
        }                                                                                                      \
        while (pixels > 1) {                                                                                   \
            bc_dotprod_four(l, x, pixels, y, y_step, MODE);                                                    \
            pixels -= 4;                                                                                       \
            x += 4;                                                                                            \
            y += 4 * y_step;                                                                                   \
        }                                                                                                      \
        if (pixels == 1) {                                                                                     \
            bc_dotprod_one(l, x[0], y, MODE);                                                                  \
        }                                                                                                      \
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
