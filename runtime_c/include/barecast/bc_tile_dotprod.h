/* SPDX-License-Identifier: 0BSD */
/*
 * Tiles of sums by SDOT, which multiplies a lane's four bytes with four bytes of each of four channels.
 *
 *   w [blocks][depth / 4][8][4] int8_t: for four bytes of a pixel the four weights of each channel of a block
 *
 * In assembly: sixteen sums, eight pixels and eight words of weights take all registers, which compilers spill. Numbers
 * of registers end in the pixel k, so that .irp repeats a line for all pixels: its sums are vk and v1k, its bytes v2k,
 * its window x1k.
 */
#ifndef BC_TILE_DOTPROD_H
#define BC_TILE_DOTPROD_H

#include "barecast/bc_neon.h"

/* For each of four or eight pixels; for each but the first. */
#define BC_DOTPROD_EACH_4 ".irp k, 0,1,2,3\n"
#define BC_DOTPROD_EACH_8 ".irp k, 0,1,2,3,4,5,6,7\n"
#define BC_DOTPROD_REST_4 ".irp k, 1,2,3\n"
#define BC_DOTPROD_REST_8 ".irp k, 1,2,3,4,5,6,7\n"

/* Four bytes deep: LANE of each pixel; W0, W1: the weights of a block's halves. */
#define BC_DOTPROD_LANE(EACH, LANE, W0, W1)                      \
    EACH                                                         \
    "sdot v\\k\\().4s, v" #W0 ".16b, v2\\k\\().4b[" #LANE "]\n"  \
    "sdot v1\\k\\().4s, v" #W1 ".16b, v2\\k\\().4b[" #LANE "]\n" \
    ".endr\n"

/* The pixels' next bytes: 16, 8 or 4, as R is q, d or s. */
#define BC_DOTPROD_LOAD(EACH, R) EACH "ldr " R "2\\k, [x1\\k, x7]\n.endr\n"

/* The weights of eight bytes of depth. */
#define BC_DOTPROD_WEIGHTS "ld1 {v28.16b, v29.16b, v30.16b, v31.16b}, [%[w]], #64\n"

/*
 * Over the depth with the weights from %[w] on. %[x]: segments; x3: chunks; x2: fours; x4: segments left; x5: bytes
 * from a segment's end to the next one; x7: the place in a window; x6: where the segment's chunks end.
 */
#define BC_DOTPROD_DEPTH(EACH)       \
    "mov x4, %[x]\n"                 \
    "mov x7, #0\n"                   \
    "1:\n"                           \
    "cbz x3, 3f\n"                   \
    "add x6, x7, x3, lsl #4\n"       \
    "2:\n"                           \
    BC_DOTPROD_WEIGHTS               \
    BC_DOTPROD_LOAD(EACH, "q")       \
    "add x7, x7, #16\n"              \
    BC_DOTPROD_LANE(EACH, 0, 28, 29) \
    BC_DOTPROD_LANE(EACH, 1, 30, 31) \
    BC_DOTPROD_WEIGHTS               \
    "cmp x7, x6\n"                   \
    BC_DOTPROD_LANE(EACH, 2, 28, 29) \
    BC_DOTPROD_LANE(EACH, 3, 30, 31) \
    "b.ne 2b\n"                      \
    "cbz x2, 5f\n"                   \
    "3:\n"                           \
    "tbz x2, #1, 4f\n"               \
    BC_DOTPROD_WEIGHTS               \
    BC_DOTPROD_LOAD(EACH, "d")       \
    "add x7, x7, #8\n"               \
    BC_DOTPROD_LANE(EACH, 0, 28, 29) \
    BC_DOTPROD_LANE(EACH, 1, 30, 31) \
    "4:\n"                           \
    "tbz x2, #0, 5f\n"               \
    "ldp q28, q29, [%[w]], #32\n"    \
    BC_DOTPROD_LOAD(EACH, "s")       \
    "add x7, x7, #4\n"               \
    BC_DOTPROD_LANE(EACH, 0, 28, 29) \
    "5:\n"                           \
    "subs x4, x4, #1\n"              \
    "add x7, x7, x5\n"               \
    "b.ne 1b\n"

/* A block's way out (bc_neon.h): v20, v21 multipliers; v22, v23 or twice v22 shifts; v24 the zero point. */
#define BC_DOTPROD_CONSTANTS_ONCE "ldp q24, q22, [%[l], #32]\n" "ldp q20, q21, [%[c]], #32\n"
#define BC_DOTPROD_CONSTANTS_EACH \
    "ldr q24, [%[l], #32]\n" "ldp q20, q21, [%[c]], #32\n" "ldp q22, q23, [%[c]], #32\n"
#define BC_DOTPROD_MULTIPLY_ONCE(R, M) "sqdmulh v" R ".4s, v" R ".4s, v" M ".4s\n"
#define BC_DOTPROD_MULTIPLY_TWICE(R, M) \
    "sqrdmulh v" R ".4s, v" R ".4s, v" M ".4s\n" "ssra v" R ".4s, v" R ".4s, #31\n"
#define BC_DOTPROD_STEPS(MULTIPLY, S)                    \
    MULTIPLY("\\k\\()", "20") MULTIPLY("1\\k\\()", "21") \
    "sqshl v\\k\\().4s, v\\k\\().4s, v22.4s\n"           \
    "sqshl v1\\k\\().4s, v1\\k\\().4s, v" #S ".4s\n"     \
    "uzp2 v\\k\\().8h, v\\k\\().8h, v1\\k\\().8h\n"      \
    "sqadd v\\k\\().8h, v\\k\\().8h, v24.8h\n"

/* The results of two pixels, to vA. */
#define BC_DOTPROD_PAIR(A, B) "sqrshrn v" #A ".8b, v" #A ".8h, #5\n" "sqrshrn2 v" #A ".16b, v" #B ".8h, #5\n"
#define BC_DOTPROD_STORE(A, Y0, Y1) "str d" #A ", [" Y0 "], #8\n" "st1 {v" #A ".d}[1], [" Y1 "], #8\n"
#define BC_DOTPROD_PAIRS_4 BC_DOTPROD_PAIR(0, 1) BC_DOTPROD_PAIR(2, 3)
#define BC_DOTPROD_PAIRS_8 BC_DOTPROD_PAIRS_4 BC_DOTPROD_PAIR(4, 5) BC_DOTPROD_PAIR(6, 7)
#define BC_DOTPROD_STORES_4 BC_DOTPROD_STORE(0, "%[y]", "%[step]") BC_DOTPROD_STORE(2, "x19", "x20")
#define BC_DOTPROD_STORES_8 \
    BC_DOTPROD_STORES_4 BC_DOTPROD_STORE(4, "x21", "x22") BC_DOTPROD_STORE(6, "x23", "x24")
#define BC_DOTPROD_CLAMPED_4 ".irp k, 0,2\n"
#define BC_DOTPROD_CLAMPED_8 ".irp k, 0,2,4,6\n"

#define BC_DOTPROD_OUT(P, CONSTANTS, MULTIPLY, S)               \
    CONSTANTS                                                   \
    BC_DOTPROD_EACH_##P BC_DOTPROD_STEPS(MULTIPLY, S) ".endr\n" \
    BC_DOTPROD_PAIRS_##P                                        \
    "ldr x7, [%[l], #96]\n"                                     \
    "cbz x7, 6f\n"                                              \
    "ldp q25, q26, [%[l], #64]\n"                               \
    BC_DOTPROD_CLAMPED_##P                                      \
    "smax v\\k\\().16b, v\\k\\().16b, v25.16b\n"                \
    "smin v\\k\\().16b, v\\k\\().16b, v26.16b\n"                \
    ".endr\n"                                                   \
    "6:\n"                                                      \
    BC_DOTPROD_STORES_##P

/* The sums themselves, where no vector sequence is exact: int32_t [pixels][8], y_step being 32. */
#define BC_DOTPROD_SUMS_4 \
    "stp q0, q10, [%[y]]\n" "stp q1, q11, [%[step]]\n" "stp q2, q12, [x19]\n" "stp q3, q13, [x20]\n"
#define BC_DOTPROD_SUMS_8 \
    BC_DOTPROD_SUMS_4     \
    "stp q4, q14, [x21]\n" "stp q5, q15, [x22]\n" "stp q6, q16, [x23]\n" "stp q7, q17, [x24]\n"
#define BC_DOTPROD_SUMS(P, CONSTANTS, MULTIPLY, S) BC_DOTPROD_SUMS_##P

/* The sums begin with the biases; %[c] moves on, as behind all constants. */
#define BC_DOTPROD_BIAS(REST) REST "ldp q\\k, q1\\k, [%[c]]\n.endr\n" "ldp q0, q10, [%[c]], #32\n"

/* Where windows begin, and results: the second at %[step], then x19 .. x24; the depth, once %[x] is free. */
#define BC_DOTPROD_BEGIN_4                                                                      \
    "ldp x12, x13, [%[x], #16]\n" "ldp x10, x11, [%[x]]\n"                                      \
    "add x19, %[y], %[step], lsl #1\n" "add x20, x19, %[step]\n" "add %[step], %[y], %[step]\n" \
    "ldp %[x], x3, [%[l]]\n" "ldp x2, x5, [%[l], #16]\n"                                        \
    "sub x5, x5, x3, lsl #4\n" "sub x5, x5, x2, lsl #2\n"
#define BC_DOTPROD_BEGIN_8                                       \
    "ldp x14, x15, [%[x], #32]\n" "ldp x16, x17, [%[x], #48]\n"  \
    "add x21, %[y], %[step], lsl #2\n" "add x22, x21, %[step]\n" \
    "add x23, x21, %[step], lsl #1\n" "add x24, x23, %[step]\n"  \
    BC_DOTPROD_BEGIN_4

/* `blocks` > 0 blocks of channels by P pixels, 4 or 8, from w, channels and y on. */
#define BC_DOTPROD_TILE(NAME, P, OUT, CONSTANTS, MULTIPLY, S)                                                    \
    static BC_INLINE void bc_dotprod_##NAME(                                                                     \
        const bc_neon_layer *l, const int8_t *const *x, const int8_t *w, const int32_t *channels, void *y,       \
        ptrdiff_t y_step, int64_t blocks)                                                                        \
    {                                                                                                            \
        __asm__ volatile(                                                                                        \
            BC_DOTPROD_BEGIN_##P                                                                                 \
            "0:\n"                                                                                               \
            BC_DOTPROD_BIAS(BC_DOTPROD_REST_##P)                                                                 \
            BC_DOTPROD_DEPTH(BC_DOTPROD_EACH_##P)                                                                \
            "subs %[n], %[n], #1\n"                                                                              \
            OUT(P, CONSTANTS, MULTIPLY, S)                                                                       \
            "b.ne 0b\n"                                                                                          \
            : [w] "+&r"(w), [c] "+&r"(channels), [y] "+&r"(y), [n] "+&r"(blocks), [x] "+&r"(x),                  \
              [step] "+&r"(y_step)                                                                               \
            : [l] "r"(l)                                                                                         \
            : "x2", "x3", "x4", "x5", "x6", "x7", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "x19", \
              "x20", "x21", "x22", "x23", "x24", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9",     \
              "v10", "v11", "v12", "v13", "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22",         \
              "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31", "cc", "memory");                    \
    }
#define BC_DOTPROD_TILES(NAME, OUT, CONSTANTS, MULTIPLY, S)                                                \
    BC_DOTPROD_TILE(NAME##_4, 4, OUT, CONSTANTS, MULTIPLY, S)                                              \
    BC_DOTPROD_TILE(NAME##_8, 8, OUT, CONSTANTS, MULTIPLY, S)                                              \
    static BC_INLINE void bc_dotprod_##NAME(                                                               \
        const bc_neon_layer *l, const int8_t *const *x, const int8_t *w, const int32_t *channels, void *y, \
        ptrdiff_t y_step, int64_t blocks, int32_t pixels)                                                  \
    {                                                                                                      \
        if (pixels > 4) {                                                                                  \
            bc_dotprod_##NAME##_8(l, x, w, channels, y, y_step, blocks);                                   \
        } else {                                                                                           \
            bc_dotprod_##NAME##_4(l, x, w, channels, y, y_step, blocks);                                   \
        }                                                                                                  \
    }
BC_DOTPROD_TILES(blocks_once, BC_DOTPROD_OUT, BC_DOTPROD_CONSTANTS_ONCE, BC_DOTPROD_MULTIPLY_ONCE, 22)
BC_DOTPROD_TILES(blocks_once_each, BC_DOTPROD_OUT, BC_DOTPROD_CONSTANTS_EACH, BC_DOTPROD_MULTIPLY_ONCE, 23)
BC_DOTPROD_TILES(blocks_twice, BC_DOTPROD_OUT, BC_DOTPROD_CONSTANTS_EACH, BC_DOTPROD_MULTIPLY_TWICE, 23)
BC_DOTPROD_TILES(sums, BC_DOTPROD_SUMS, , , )

static BC_INLINE void bc_dotprod_blocks(
    const bc_neon_layer *l, const int8_t *const *x, const int8_t *w, const int32_t *channels, int8_t *y,
    ptrdiff_t y_step, int64_t blocks, int32_t pixels, int32_t mode)
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
            "ld1 {v17.16b, v18.16b, v19.16b, v20.16b}, [%[w]], #64\n"
            "ld1 {v24.16b, v25.16b, v26.16b, v27.16b}, [x9], #64\n"
            "subs x6, x6, #1\n"
            BC_DOTPROD_ONE(0, 17, 18, 24, 25)
            BC_DOTPROD_ONE(1, 19, 20, 26, 27)
            "ld1 {v17.16b, v18.16b, v19.16b, v20.16b}, [%[w]], #64\n"
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
    const bc_neon_layer *l, const int8_t *const *x, int32_t pixels, int8_t *y, ptrdiff_t y_step, int32_t mode)
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
static BC_INLINE void bc_dotprod_any(
    const bc_neon_layer *l, const int8_t *const x[8], int32_t pixels, int8_t *y, ptrdiff_t y_step, int32_t mode)
{
    if (pixels == 1) {
        bc_dotprod_one(l, x[0], y, mode);
    } else {
        bc_dotprod_some(l, x, pixels, y, y_step, mode);
    }
}
BC_NEON_TILE(bc_dotprod)

#endif
