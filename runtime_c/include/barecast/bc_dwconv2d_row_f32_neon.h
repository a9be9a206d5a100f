/* SPDX-License-Identifier: 0BSD */
/*
 * A row of depthwise 3x3 results, float32, eight channels, on AArch64: the columns of the three lines of x go by once.
 *
 * With a stride of 1 a column belongs to three windows: it is the last one of the first, whose results are then done,
 * and the first one of the third. With a stride of 2 every second column belongs to two windows. So v0 to v5 are the
 * sums of up to three windows in turn, v6 to v23 the weights, v24 to v29 three pixels of x, v30 and v31 the bounds.
 * Columns on padding are left out; a line on padding is eight zeros that are read over and over.
 */
#ifndef BC_DWCONV2D_ROW_F32_NEON_H
#define BC_DWCONV2D_ROW_F32_NEON_H

#include "barecast/bc_window_f32_neon.h"

/*
 * line: the first column of each line that is not on padding; step: bytes from there to the next column, 0 for zeros.
 * first: whether the first window begins there, not on padding; last: whether the last window's last column is there.
 * w_step, y_step: bytes from one tap's weights and one pixel's results to the next; results: of the row, at least 1.
 */
typedef struct {
    const float *line[3];
    int64_t step[3];
    const float *w, *bias;
    float *y;
    int64_t w_step, y_step;
    int64_t first, last, results;
} bc_f32_neon_row;

#ifdef BC_F32_NEON_ASSEMBLY

static const float bc_f32_neon_no_line[8] = {0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f};

/* By a macro of the assembler, since C99 promises no strings of more than 4095 bytes. */
#define BC_DW_MACRO \
    ".macro bc_dw a, b, x, y, k, l\n" \
    "fmla v\\a\\().4s, v\\x\\().4s, v\\k\\().4s\n" \
    "fmla v\\b\\().4s, v\\y\\().4s, v\\l\\().4s\n" \
    ".endm\n"
#define BC_DW_MACRO_END ".purgem bc_dw\n"
#define BC_DW_FMLA(A0, A1, X0, X1, W0, W1) "bc_dw " #A0 "," #A1 "," #X0 "," #X1 "," #W0 "," #W1 "\n"
#define BC_DW_COLUMN \
    "ld1 {v24.4s, v25.4s}, [x9], x12\n" \
    "ld1 {v26.4s, v27.4s}, [x10], x13\n" \
    "ld1 {v28.4s, v29.4s}, [x11], x14\n"

/* A column as the first, the second or the third of a window whose sums are A0 and A1. */
#define BC_DW_AS_FIRST(A0, A1) \
    BC_DW_FMLA(A0, A1, 24, 25, 6, 7) BC_DW_FMLA(A0, A1, 26, 27, 12, 13) BC_DW_FMLA(A0, A1, 28, 29, 18, 19)
#define BC_DW_AS_SECOND(A0, A1) \
    BC_DW_FMLA(A0, A1, 24, 25, 8, 9) BC_DW_FMLA(A0, A1, 26, 27, 14, 15) BC_DW_FMLA(A0, A1, 28, 29, 20, 21)
#define BC_DW_AS_THIRD(A0, A1) \
    BC_DW_FMLA(A0, A1, 24, 25, 10, 11) BC_DW_FMLA(A0, A1, 26, 27, 16, 17) BC_DW_FMLA(A0, A1, 28, 29, 22, 23)

/* All three, line by line: three results in a row are waited for but once. */
#define BC_DW_AS_ALL(A0, A1, B0, B1, C0, C1) \
    BC_DW_FMLA(A0, A1, 24, 25, 10, 11) BC_DW_FMLA(B0, B1, 24, 25, 8, 9) BC_DW_FMLA(C0, C1, 24, 25, 6, 7) \
    BC_DW_FMLA(A0, A1, 26, 27, 16, 17) BC_DW_FMLA(B0, B1, 26, 27, 14, 15) BC_DW_FMLA(C0, C1, 26, 27, 12, 13) \
    BC_DW_FMLA(A0, A1, 28, 29, 22, 23) BC_DW_FMLA(B0, B1, 28, 29, 20, 21) BC_DW_FMLA(C0, C1, 28, 29, 18, 19)

#define BC_DW_BIAS(A0, A1) "ld1 {v" #A0 ".4s, v" #A1 ".4s}, [%[bias]]\n"
#define BC_DW_DONE(A0, A1, LIMIT) \
    LIMIT(A0) LIMIT(A1) "st1 {v" #A0 ".4s, v" #A1 ".4s}, [%[y]], %[y_step]\n"
#define BC_DW_BOTH(A) "fmax v" #A ".4s, v" #A ".4s, v30.4s\n" "fmin v" #A ".4s, v" #A ".4s, v31.4s\n"
#define BC_DW_LEAST(A) "fmax v" #A ".4s, v" #A ".4s, v30.4s\n"
#define BC_DW_NONE(A)

/* One column of the middle of a row: it ends the window A, and the next but one begins in the same registers. */
#define BC_DW_STEP(A0, A1, B0, B1, C0, C1, LIMIT) \
    BC_DW_COLUMN \
    BC_DW_BIAS(C0, C1) \
    BC_DW_AS_ALL(A0, A1, B0, B1, C0, C1) \
    BC_DW_DONE(A0, A1, LIMIT)

#define BC_DW_BEGIN \
    "mov x15, %[w]\n" \
    "ld1 {v6.4s, v7.4s}, [x15], %[w_step]\n" \
    "ld1 {v8.4s, v9.4s}, [x15], %[w_step]\n" \
    "ld1 {v10.4s, v11.4s}, [x15], %[w_step]\n" \
    "ld1 {v12.4s, v13.4s}, [x15], %[w_step]\n" \
    "ld1 {v14.4s, v15.4s}, [x15], %[w_step]\n" \
    "ld1 {v16.4s, v17.4s}, [x15], %[w_step]\n" \
    "ld1 {v18.4s, v19.4s}, [x15], %[w_step]\n" \
    "ld1 {v20.4s, v21.4s}, [x15], %[w_step]\n" \
    "ld1 {v22.4s, v23.4s}, [x15]\n" \
    "ldp x9, x10, [%[row]]\n" \
    "ldp x11, x12, [%[row], #16]\n" \
    "ldp x13, x14, [%[row], #32]\n" \
    "ldp q30, q31, [%[b]]\n"

/* Stride 1. n: results whose last column is there. */
#define BC_DW_STRIDE_1(LIMIT) \
    BC_DW_BEGIN \
    BC_DW_BIAS(0, 1) \
    "cbz %[first], 1f\n" \
    BC_DW_COLUMN \
    BC_DW_AS_FIRST(0, 1) \
    "1:\n" \
    BC_DW_COLUMN \
    BC_DW_BIAS(2, 3) \
    BC_DW_AS_SECOND(0, 1) \
    BC_DW_AS_FIRST(2, 3) \
    "subs %[n], %[n], #3\n" \
    "b.lt 3f\n" \
    "2:\n" \
    BC_DW_STEP(0, 1, 2, 3, 4, 5, LIMIT) \
    BC_DW_STEP(2, 3, 4, 5, 0, 1, LIMIT) \
    "subs %[n], %[n], #3\n" \
    BC_DW_STEP(4, 5, 0, 1, 2, 3, LIMIT) \
    "b.ge 2b\n" \
    "3:\n" \
    "adds %[n], %[n], #3\n" \
    "b.eq 4f\n" \
    BC_DW_STEP(0, 1, 2, 3, 4, 5, LIMIT) \
    "subs %[n], %[n], #1\n" \
    "b.eq 5f\n" \
    BC_DW_STEP(2, 3, 4, 5, 0, 1, LIMIT) \
    "cbnz %[last], 6f\n" \
    BC_DW_DONE(4, 5, LIMIT) \
    "b 6f\n" \
    "4:\n" \
    "cbnz %[last], 6f\n" \
    BC_DW_DONE(0, 1, LIMIT) \
    "b 6f\n" \
    "5:\n" \
    "cbnz %[last], 6f\n" \
    BC_DW_DONE(2, 3, LIMIT) \
    "6:\n"

/* Stride 2: one more result, to which the last column does not begin another one. n: results but the last one. */
#define BC_DW_PAIR(A0, A1, B0, B1, LIMIT) \
    BC_DW_COLUMN \
    BC_DW_AS_SECOND(A0, A1) \
    BC_DW_COLUMN \
    BC_DW_BIAS(B0, B1) \
    BC_DW_FMLA(A0, A1, 24, 25, 10, 11) BC_DW_FMLA(B0, B1, 24, 25, 6, 7) \
    BC_DW_FMLA(A0, A1, 26, 27, 16, 17) BC_DW_FMLA(B0, B1, 26, 27, 12, 13) \
    BC_DW_FMLA(A0, A1, 28, 29, 22, 23) BC_DW_FMLA(B0, B1, 28, 29, 18, 19) \
    BC_DW_DONE(A0, A1, LIMIT)
#define BC_DW_STRIDE_2(LIMIT) \
    BC_DW_BEGIN \
    BC_DW_BIAS(0, 1) \
    "cbz %[first], 1f\n" \
    BC_DW_COLUMN \
    BC_DW_AS_FIRST(0, 1) \
    "1:\n" \
    "subs %[n], %[n], #2\n" \
    "b.lt 3f\n" \
    "2:\n" \
    BC_DW_PAIR(0, 1, 2, 3, LIMIT) \
    "subs %[n], %[n], #2\n" \
    BC_DW_PAIR(2, 3, 0, 1, LIMIT) \
    "b.ge 2b\n" \
    "3:\n" \
    "tbz %[n], #0, 4f\n" \
    BC_DW_PAIR(0, 1, 2, 3, LIMIT) \
    "mov v0.16b, v2.16b\n" \
    "mov v1.16b, v3.16b\n" \
    "4:\n" \
    BC_DW_COLUMN \
    BC_DW_AS_SECOND(0, 1) \
    "cbz %[last], 5f\n" \
    BC_DW_COLUMN \
    BC_DW_AS_THIRD(0, 1) \
    "5:\n" \
    BC_DW_DONE(0, 1, LIMIT)

#define BC_DW_ROW(WAY) \
    __asm__ volatile( \
        BC_DW_MACRO WAY BC_DW_MACRO_END \
        : [y] "+&r"(y), [n] "+&r"(n) \
        : [row] "r"(row), [w] "r"(row->w), [bias] "r"(row->bias), [w_step] "r"(row->w_step), \
          [y_step] "r"(row->y_step), [first] "r"(row->first), [last] "r"(row->last), [b] "r"(bounds) \
        : "x9", "x10", "x11", "x12", "x13", "x14", "x15", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", \
          "v10", "v11", "v12", "v13", "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", \
          "v25", "v26", "v27", "v28", "v29", "v30", "v31", "cc", "memory")

BC_F32_NEON_SHARED void bc_f32_neon_row_stride_1(const bc_f32_neon_row *row, const bc_f32_neon_bounds *bounds)
{
    float *y = row->y;
    int64_t n = row->results - (row->last ? 0 : 1);
    if (bounds->which > 1) {
        BC_DW_ROW(BC_DW_STRIDE_1(BC_DW_BOTH));
    } else if (bounds->which == 1) {
        BC_DW_ROW(BC_DW_STRIDE_1(BC_DW_LEAST));
    } else {
        BC_DW_ROW(BC_DW_STRIDE_1(BC_DW_NONE));
    }
}

BC_F32_NEON_SHARED void bc_f32_neon_row_stride_2(const bc_f32_neon_row *row, const bc_f32_neon_bounds *bounds)
{
    float *y = row->y;
    int64_t n = row->results - 1;
    if (bounds->which > 1) {
        BC_DW_ROW(BC_DW_STRIDE_2(BC_DW_BOTH));
    } else if (bounds->which == 1) {
        BC_DW_ROW(BC_DW_STRIDE_2(BC_DW_LEAST));
    } else {
        BC_DW_ROW(BC_DW_STRIDE_2(BC_DW_NONE));
    }
}

#endif

#endif
