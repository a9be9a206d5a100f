/* SPDX-License-Identifier: 0BSD */
/*
 * Rows of depthwise 3x3 results by SDOT, int8: four rows of a column, transposed, are four bytes of each of 8 channels.
 *
 * A window is three such columns. With a stride of 1 the next window has two of them, and the same columns, multiplied
 * by weights one byte further, give the row of results below. With a stride of 2 it has one of them; there the second
 * and the third column are transposed together: their bytes are [r0 r1 r2 s2] and [s0 s1 r2 s2], which saves a ZIP. A
 * line on padding is a line of x_zero that is read over and over.
 *
 * Constants (sdk/barecast/layouts/neon_dw.py), for blocks of eight channels, the last of which has the last eight:
 *
 *   w [blocks][upper, lower][3 columns][8 channels][4] int8_t; without `lower` where the stride is 2
 *   channels [blocks][bias, multiplier (, -right)][8] int32_t; right shifts if each channel has its own
 *
 * In assembly: weights and three columns take 18 registers, the way out seven, which compilers spill.
 */
#ifndef BC_DWCONV2D_ROW_DOTPROD_H
#define BC_DWCONV2D_ROW_DOTPROD_H

#include <stddef.h>

#include "barecast/bc_neon.h"

/*
 * line: the first column of each line that is not on padding; step: bytes from there to the next column, 0 for x_zero.
 * y: the two rows of results, the same one if there is no lower row; y_step: bytes to the next result.
 * results: of a row, but for the last one if its window ends on padding; tail: whether it does.
 * last: the first channel of the last block. pad: whether the first window begins on padding.
 */
typedef struct {
    const int8_t *line[4];
    int64_t step[4];
    int8_t *y[2];
    int64_t y_step, results;
    int64_t tail, pad;
    int64_t last;
    const int8_t *w;
    const int32_t *channels;
    int32_t right, x_zero, zero, low, high;
} bc_dotprod_row;

BC_STATIC_ASSERT(offsetof(bc_dotprod_row, y) == 64 && offsetof(bc_dotprod_row, tail) == 96 &&
                     offsetof(bc_dotprod_row, channels) == 128 && offsetof(bc_dotprod_row, high) == 152,
                 bc_dotprod_row_is_as_the_assembly_reads_it);

/*
 * x1: the struct; x2 to x5: lines; x6 to x9: steps; x10, x11: y; x12: y_step; x13: results left; x14: the block's first
 * channel; x15: weights; x16: channels; w17: x_zero.
 * v0 to v3: sums; v4 to v6: what is loaded; v8 to v19: weights; v20 to v23: multipliers, shifts; v24 to v26: zero,
 * bounds; v27 to v31 and v7: columns of two vectors each. With a stride of 2 v7, v18 and v19 are loaded, too,
 * and v14 is half a column.
 *
 * By macros of the assembler, since C99 promises no strings of more than 4095 bytes.
 */
#define BC_DWDOT_SUMS_MACROS                                                                   \
    ".macro bc_dw_sums s, t, a, b, v, w\n"                                                     \
    "sdot v\\s\\().4s, v\\a\\().16b, v\\v\\().16b\n"                                           \
    "sdot v\\t\\().4s, v\\b\\().16b, v\\w\\().16b\n"                                           \
    ".endm\n"

/* Sums times multipliers, one rounding left or gemmlowp's two: bc_neon_rescale but for its SRSHL. */
#define BC_DWDOT_ONCE                                                                          \
    ".macro bc_dw_rescale\n"                                                                   \
    "sqdmulh v0.4s, v0.4s, v20.4s\n"                                                           \
    "sqdmulh v2.4s, v2.4s, v20.4s\n"                                                           \
    "sqdmulh v1.4s, v1.4s, v21.4s\n"                                                           \
    "sqdmulh v3.4s, v3.4s, v21.4s\n"                                                           \
    ".endm\n"
#define BC_DWDOT_TWICE                                                                         \
    ".macro bc_dw_rescale\n"                                                                   \
    "sqrdmulh v0.4s, v0.4s, v20.4s\n"                                                          \
    "sqrdmulh v2.4s, v2.4s, v20.4s\n"                                                          \
    "sqrdmulh v1.4s, v1.4s, v21.4s\n"                                                          \
    "sqrdmulh v3.4s, v3.4s, v21.4s\n"                                                          \
    "and v4.16b, v0.16b, v22.16b\n"                                                            \
    "and v5.16b, v2.16b, v22.16b\n"                                                            \
    "and v6.16b, v1.16b, v23.16b\n"                                                            \
    "ssra v0.4s, v4.4s, #31\n"                                                                 \
    "and v4.16b, v3.16b, v23.16b\n"                                                            \
    "ssra v2.4s, v5.4s, #31\n"                                                                 \
    "ssra v1.4s, v6.4s, #31\n"                                                                 \
    "ssra v3.4s, v4.4s, #31\n"                                                                 \
    ".endm\n"

/* To v0, as bytes: eight channels of the sums in v0 and v1, and eight of those in v2 and v3. */
#define BC_DWDOT_FINISH_MACROS                                                                 \
    ".macro bc_dw_finish\n"                                                                    \
    "bc_dw_rescale\n"                                                                          \
    "srshl v0.4s, v0.4s, v22.4s\n"                                                             \
    "srshl v2.4s, v2.4s, v22.4s\n"                                                             \
    "srshl v1.4s, v1.4s, v23.4s\n"                                                             \
    "srshl v3.4s, v3.4s, v23.4s\n"                                                             \
    "sqxtn v0.4h, v0.4s\n"                                                                     \
    "sqxtn v2.4h, v2.4s\n"                                                                     \
    "sqxtn2 v0.8h, v1.4s\n"                                                                    \
    "sqxtn2 v2.8h, v3.4s\n"                                                                    \
    "sqadd v0.8h, v0.8h, v24.8h\n"                                                             \
    "sqadd v2.8h, v2.8h, v24.8h\n"                                                             \
    "sqxtn v0.8b, v0.8h\n"                                                                     \
    "sqxtn2 v0.16b, v2.8h\n"                                                                   \
    "smax v0.16b, v0.16b, v25.16b\n"                                                           \
    "smin v0.16b, v0.16b, v26.16b\n"                                                           \
    ".endm\n"

/*
 * Stride 1. column: of four lines. step: one result of both rows, whose columns are in a, b and, loaded here, c. The
 * lower one is stored first, since where there is none it lies in the same place.
 */
#define BC_DWDOT_MACROS_1                                                                      \
    ".macro bc_dw_column a, b\n"                                                               \
    "ld1 {v4.8b}, [x2], x6\n"                                                                  \
    "ld1 {v5.8b}, [x3], x7\n"                                                                  \
    "ld1 {v6.8b}, [x4], x8\n"                                                                  \
    "zip1 v4.16b, v4.16b, v5.16b\n"                                                            \
    "ld1 {v5.8b}, [x5], x9\n"                                                                  \
    "zip1 v6.16b, v6.16b, v5.16b\n"                                                            \
    "zip1 v\\a\\().8h, v4.8h, v6.8h\n"                                                         \
    "zip2 v\\b\\().8h, v4.8h, v6.8h\n"                                                         \
    ".endm\n"                                                                                  \
    ".macro bc_dw_result a, b, c, d, e, f\n"                                                   \
    "ldp q0, q1, [x16]\n"                                                                      \
    "ldp q2, q3, [x16]\n"                                                                      \
    "bc_dw_sums 0, 1, \\a, \\b, 8, 9\n"                                                        \
    "bc_dw_sums 2, 3, \\a, \\b, 14, 15\n"                                                      \
    "bc_dw_sums 0, 1, \\c, \\d, 10, 11\n"                                                      \
    "bc_dw_sums 2, 3, \\c, \\d, 16, 17\n"                                                      \
    "bc_dw_sums 0, 1, \\e, \\f, 12, 13\n"                                                      \
    "bc_dw_sums 2, 3, \\e, \\f, 18, 19\n"                                                      \
    "bc_dw_finish\n"                                                                           \
    "st1 {v0.d}[1], [x11], x12\n"                                                              \
    "st1 {v0.8b}, [x10], x12\n"                                                                \
    ".endm\n"                                                                                  \
    ".macro bc_dw_step a, b, c, d, e, f\n"                                                     \
    "bc_dw_column \\e, \\f\n"                                                                  \
    "bc_dw_result \\a, \\b, \\c, \\d, \\e, \\f\n"                                              \
    "subs x13, x13, #1\n"                                                                      \
    ".endm\n"

/*
 * Stride 2. first: a column of three lines alone. columns: the second and the third one of a window. tail: the same,
 * where the third is on padding.
 */
#define BC_DWDOT_MACROS_2                                                                      \
    ".macro bc_dw_first\n"                                                                     \
    "ld1 {v4.8b}, [x2], x6\n"                                                                  \
    "ld1 {v5.8b}, [x3], x7\n"                                                                  \
    "ld1 {v6.8b}, [x4], x8\n"                                                                  \
    "zip1 v4.16b, v4.16b, v5.16b\n"                                                            \
    "zip1 v6.16b, v6.16b, v6.16b\n"                                                            \
    "zip1 v27.8h, v4.8h, v6.8h\n"                                                              \
    "zip2 v28.8h, v4.8h, v6.8h\n"                                                              \
    ".endm\n"                                                                                  \
    ".macro bc_dw_join a, b, c, d\n"                                                           \
    "zip1 v4.16b, v4.16b, v5.16b\n"                                                            \
    "zip1 v18.16b, v18.16b, v19.16b\n"                                                         \
    "zip1 v6.16b, v6.16b, v7.16b\n"                                                            \
    "zip1 v\\a\\().8h, v4.8h, v6.8h\n"                                                         \
    "zip2 v\\b\\().8h, v4.8h, v6.8h\n"                                                         \
    "zip1 v\\c\\().8h, v18.8h, v6.8h\n"                                                        \
    "zip2 v\\d\\().8h, v18.8h, v6.8h\n"                                                        \
    ".endm\n"                                                                                  \
    ".macro bc_dw_columns a, b, c, d\n"                                                        \
    "ld1 {v4.8b}, [x2], x6\n"                                                                  \
    "ld1 {v5.8b}, [x3], x7\n"                                                                  \
    "ld1 {v6.8b}, [x4], x8\n"                                                                  \
    "ld1 {v18.8b}, [x2], x6\n"                                                                 \
    "ld1 {v19.8b}, [x3], x7\n"                                                                 \
    "ld1 {v7.8b}, [x4], x8\n"                                                                  \
    "bc_dw_join \\a, \\b, \\c, \\d\n"                                                          \
    ".endm\n"                                                                                  \
    ".macro bc_dw_tail a, b, c, d\n"                                                           \
    "ld1 {v4.8b}, [x2]\n"                                                                      \
    "ld1 {v5.8b}, [x3]\n"                                                                      \
    "ld1 {v6.8b}, [x4]\n"                                                                      \
    "dup v18.8b, w17\n"                                                                        \
    "dup v19.8b, w17\n"                                                                        \
    "dup v7.8b, w17\n"                                                                         \
    "bc_dw_join \\a, \\b, \\c, \\d\n"                                                          \
    ".endm\n"                                                                                  \
    ".macro bc_dw_result s, t, a, b, c, d, e, f\n"                                             \
    "ldp q\\s\\(), q\\t\\(), [x16]\n"                                                          \
    "bc_dw_sums \\s, \\t, \\a, \\b, 8, 9\n"                                                    \
    "bc_dw_sums \\s, \\t, \\c, \\d, 10, 11\n"                                                  \
    "bc_dw_sums \\s, \\t, \\e, \\f, 12, 13\n"                                                  \
    ".endm\n"

#define BC_DWDOT_MACROS_END                                                                    \
    ".purgem bc_dw_sums\n" ".purgem bc_dw_rescale\n" ".purgem bc_dw_finish\n" ".purgem bc_dw_result\n"

/* What all blocks share. */
#define BC_DWDOT_BEGIN                                                                         \
    "mov x1, %[row]\n"                                                                         \
    "ldp x6, x7, [x1, #32]\n"                                                                  \
    "ldp x8, x9, [x1, #48]\n"                                                                  \
    "ldp x15, x16, [x1, #120]\n"                                                               \
    "ldr x12, [x1, #80]\n"                                                                     \
    "ldp w13, w17, [x1, #136]\n"                                                               \
    "dup v22.4s, w13\n"                                                                        \
    "dup v23.4s, w13\n"                                                                        \
    "ldp w13, w14, [x1, #144]\n"                                                               \
    "dup v24.8h, w13\n"                                                                        \
    "dup v25.16b, w14\n"                                                                       \
    "ldr w13, [x1, #152]\n"                                                                    \
    "dup v26.16b, w13\n"                                                                       \
    "mov x14, #0\n"                                                                            \
    "0:\n"                                                                                     \
    "ldp x2, x3, [x1]\n"                                                                       \
    "ldp x4, x5, [x1, #16]\n"                                                                  \
    "ldp x10, x11, [x1, #64]\n"                                                                \
    "add x2, x2, x14\n"                                                                        \
    "add x3, x3, x14\n"                                                                        \
    "add x4, x4, x14\n"                                                                        \
    "add x5, x5, x14\n"                                                                        \
    "add x10, x10, x14\n"                                                                      \
    "add x11, x11, x14\n"                                                                      \
    "ldr x13, [x1, #88]\n"                                                                     \
    "ldr x0, [x1, #104]\n"                                                                     \
    "ldp q8, q9, [x15], #32\n"                                                                 \
    "ldp q10, q11, [x15], #32\n"                                                               \
    "ldp q12, q13, [x15], #32\n"                                                               \
    "ldp q20, q21, [x16, #32]\n"

/* The next block: the eight channels behind this one, or the last eight. */
#define BC_DWDOT_END(CHANNELS)                                                                 \
    "ldr x0, [x1, #112]\n"                                                                     \
    "add x16, x16, #" CHANNELS "\n"                                                            \
    "cmp x14, x0\n"                                                                            \
    "b.ge 9f\n"                                                                                \
    "add x14, x14, #8\n"                                                                       \
    "cmp x14, x0\n"                                                                            \
    "csel x14, x14, x0, lt\n"                                                                  \
    "b 0b\n"                                                                                   \
    "9:\n"

/* Columns take turns in v27 and v28, v29 and v30, v31 and v7, and come to rest in the order of the beginning. */
#define BC_DWDOT_STRIDE_1(SHIFTS, CHANNELS)                                                    \
    BC_DWDOT_BEGIN                                                                             \
    "ldp q14, q15, [x15], #32\n"                                                               \
    "ldp q16, q17, [x15], #32\n"                                                               \
    "ldp q18, q19, [x15], #32\n"                                                               \
    SHIFTS                                                                                     \
    "dup v27.16b, w17\n"                                                                       \
    "dup v28.16b, w17\n"                                                                       \
    "cbnz x0, 1f\n"                                                                            \
    "bc_dw_column 27, 28\n"                                                                    \
    "1:\n"                                                                                     \
    "bc_dw_column 29, 30\n"                                                                    \
    "cbz x13, 5f\n"                                                                            \
    "2:\n"                                                                                     \
    "bc_dw_step 27, 28, 29, 30, 31, 7\n"                                                       \
    "b.eq 3f\n"                                                                                \
    "bc_dw_step 29, 30, 31, 7, 27, 28\n"                                                       \
    "b.eq 4f\n"                                                                                \
    "bc_dw_step 31, 7, 27, 28, 29, 30\n"                                                       \
    "b.ne 2b\n"                                                                                \
    "b 5f\n"                                                                                   \
    "3:\n"                                                                                     \
    "mov v27.16b, v29.16b\n"                                                                   \
    "mov v28.16b, v30.16b\n"                                                                   \
    "mov v29.16b, v31.16b\n"                                                                   \
    "mov v30.16b, v7.16b\n"                                                                    \
    "b 5f\n"                                                                                   \
    "4:\n"                                                                                     \
    "mov v29.16b, v27.16b\n"                                                                   \
    "mov v30.16b, v28.16b\n"                                                                   \
    "mov v27.16b, v31.16b\n"                                                                   \
    "mov v28.16b, v7.16b\n"                                                                    \
    "5:\n"                                                                                     \
    "ldr x0, [x1, #96]\n"                                                                      \
    "cbz x0, 6f\n"                                                                             \
    "dup v31.16b, w17\n"                                                                       \
    "dup v7.16b, w17\n"                                                                        \
    "bc_dw_result 27, 28, 29, 30, 31, 7\n"                                                     \
    "6:\n"                                                                                     \
    BC_DWDOT_END(CHANNELS)

/* Two results at a time; the last column of the second one takes the place of the first one's first. */
#define BC_DWDOT_STRIDE_2(SHIFTS, CHANNELS)                                                    \
    BC_DWDOT_BEGIN                                                                             \
    SHIFTS                                                                                     \
    "dup v27.16b, w17\n"                                                                       \
    "dup v28.16b, w17\n"                                                                       \
    "cbnz x0, 1f\n"                                                                            \
    "bc_dw_first\n"                                                                            \
    "1:\n"                                                                                     \
    "subs x13, x13, #2\n"                                                                      \
    "b.lt 3f\n"                                                                                \
    "2:\n"                                                                                     \
    "bc_dw_columns 29, 30, 31, 14\n"                                                           \
    "bc_dw_result 0, 1, 27, 28, 29, 30, 31, 14\n"                                              \
    "bc_dw_columns 29, 30, 27, 28\n"                                                           \
    "bc_dw_result 2, 3, 31, 14, 29, 30, 27, 28\n"                                              \
    "bc_dw_finish\n"                                                                           \
    "subs x13, x13, #2\n"                                                                      \
    "st1 {v0.8b}, [x10], x12\n"                                                                \
    "st1 {v0.d}[1], [x10], x12\n"                                                              \
    "b.ge 2b\n"                                                                                \
    "3:\n"                                                                                     \
    "tbz x13, #0, 4f\n"                                                                        \
    "bc_dw_columns 29, 30, 31, 14\n"                                                           \
    "bc_dw_result 0, 1, 27, 28, 29, 30, 31, 14\n"                                              \
    "bc_dw_finish\n"                                                                           \
    "st1 {v0.8b}, [x10], x12\n"                                                                \
    "mov v27.16b, v31.16b\n"                                                                   \
    "mov v28.16b, v14.16b\n"                                                                   \
    "4:\n"                                                                                     \
    "ldr x0, [x1, #96]\n"                                                                      \
    "cbz x0, 5f\n"                                                                             \
    "bc_dw_tail 29, 30, 31, 14\n"                                                              \
    "bc_dw_result 0, 1, 27, 28, 29, 30, 31, 14\n"                                              \
    "bc_dw_finish\n"                                                                           \
    "st1 {v0.8b}, [x10]\n"                                                                     \
    "5:\n"                                                                                     \
    BC_DWDOT_END(CHANNELS)

#define BC_DWDOT_SHARED_SHIFT ""
#define BC_DWDOT_OWN_SHIFTS "ldp q22, q23, [x16, #64]\n"

#define BC_DWDOT_ROW_1(RESCALE, SHIFTS, CHANNELS)                                              \
    BC_DWDOT_SUMS_MACROS RESCALE BC_DWDOT_FINISH_MACROS BC_DWDOT_MACROS_1                      \
    BC_DWDOT_STRIDE_1(SHIFTS, CHANNELS)                                                        \
    BC_DWDOT_MACROS_END ".purgem bc_dw_column\n" ".purgem bc_dw_step\n"
#define BC_DWDOT_ROW_2(RESCALE, SHIFTS, CHANNELS)                                              \
    BC_DWDOT_SUMS_MACROS RESCALE BC_DWDOT_FINISH_MACROS BC_DWDOT_MACROS_2                      \
    BC_DWDOT_STRIDE_2(SHIFTS, CHANNELS)                                                        \
    BC_DWDOT_MACROS_END                                                                        \
    ".purgem bc_dw_first\n" ".purgem bc_dw_join\n" ".purgem bc_dw_columns\n" ".purgem bc_dw_tail\n"

/* All channels of a row of results, or with a stride of 1 of two. */
#define BC_DWDOT_ROWS(NAME, ASSEMBLY)                                                          \
    BC_NEON_SHARED void bc_dotprod_row_##NAME(const bc_dotprod_row *row)                       \
    {                                                                                          \
        __asm__ volatile(ASSEMBLY                                                              \
                         :                                                                     \
                         : [row] "r"(row)                                                      \
                         : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10",  \
                           "x11", "x12", "x13", "x14", "x15", "x16", "x17", "v0", "v1", "v2",  \
                           "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12",      \
                           "v13", "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21",      \
                           "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30",      \
                           "v31", "cc", "memory");                                             \
    }
BC_DWDOT_ROWS(1_once, BC_DWDOT_ROW_1(BC_DWDOT_ONCE, BC_DWDOT_SHARED_SHIFT, "64"))
BC_DWDOT_ROWS(1_once_each, BC_DWDOT_ROW_1(BC_DWDOT_ONCE, BC_DWDOT_OWN_SHIFTS, "96"))
BC_DWDOT_ROWS(1_twice, BC_DWDOT_ROW_1(BC_DWDOT_TWICE, BC_DWDOT_OWN_SHIFTS, "96"))
BC_DWDOT_ROWS(2_once, BC_DWDOT_ROW_2(BC_DWDOT_ONCE, BC_DWDOT_SHARED_SHIFT, "64"))
BC_DWDOT_ROWS(2_once_each, BC_DWDOT_ROW_2(BC_DWDOT_ONCE, BC_DWDOT_OWN_SHIFTS, "96"))
BC_DWDOT_ROWS(2_twice, BC_DWDOT_ROW_2(BC_DWDOT_TWICE, BC_DWDOT_OWN_SHIFTS, "96"))

/* By the stride and the layer's mode, a constant: any but BC_NEON_SCALAR. */
static BC_INLINE void bc_dotprod_go(const bc_dotprod_row *row, int32_t stride, int32_t mode)
{
    if (stride == 1) {
        if (mode == BC_NEON_ONCE) {
            bc_dotprod_row_1_once(row);
        } else if (mode == BC_NEON_ONCE_EACH) {
            bc_dotprod_row_1_once_each(row);
        } else {
            bc_dotprod_row_1_twice(row);
        }
    } else if (mode == BC_NEON_ONCE) {
        bc_dotprod_row_2_once(row);
    } else if (mode == BC_NEON_ONCE_EACH) {
        bc_dotprod_row_2_once_each(row);
    } else {
        bc_dotprod_row_2_twice(row);
    }
}

#endif
