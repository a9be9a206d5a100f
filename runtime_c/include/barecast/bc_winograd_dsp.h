/* SPDX-License-Identifier: 0BSD */
/*
 * Convolutions of 3x3 with a stride of 1 on cores with the DSP extension, after Winograd (Lavin and Gray, "Fast
 * algorithms for convolutional neural networks", 2015: F(2x2, 3x3)): 16 products for the 36 of a tile of 2 x 2 results.
 *
 *     Y = A^T [ (G g G^T) * (B^T d B) ] A      d: 4 x 4 numbers of x, g: 3 x 3 weights, *: element by element
 *
 * G has halves; the packer has applied 2 * G twice (sdk/barecast/layouts/winograd.py), so weights are whole numbers of
 * 12 bits and everything comes out multiplied by 4, exactly. Transformed numbers of x have 10 bits. Sums wrap around
 * like SMLAD's, which does no harm: 4 times the accumulator, in which they end, fits int32.
 *
 * Each of the 16 positions of a tile is a product of matrices, [tiles][in_c] by [in_c][out_c]. Two neighbouring tiles
 * (4 columns of results) are transformed, then all outputs are made of them, four by four.
 *
 * scratch  x:     [16 positions][pairs of channels][2 tiles] words
 *          patch: 4 rows of 6 pixels of x as bytes, channels filled up to a multiple of 4; its place is taken by
 *          sums:  [16 positions][2 tiles][4 outputs] words
 */
#ifndef BC_WINOGRAD_DSP_H
#define BC_WINOGRAD_DSP_H

#include "barecast/bc_dsp.h"
#include "barecast/conv2d.h"

#define BC_WINOGRAD_POSITIONS 16
#define BC_WINOGRAD_PATCH_ROWS 4
#define BC_WINOGRAD_PATCH_COLUMNS 6
/* Sums at one position: 2 tiles by 4 outputs. */
#define BC_WINOGRAD_SUMS 8
/* What the accumulators are multiplied by: 2**2. */
#define BC_WINOGRAD_BITS 2
/* The loop over pairs is written out for so many, of 11 instructions of 4 bytes each. */
#define BC_WINOGRAD_PAIRS 8
#define BC_WINOGRAD_PAIR_BYTES 44

/* One pair of channels of two tiles, four outputs; the accumulators are named as an addend, or by nothing (SMUAD). */
#define BC_WINOGRAD_PAIR(multiply, R4, R5, R6, R7, R8, R9, R10, R11) \
    "ldrd r2, r3, [r1], #8\n\t" \
    "ldrd r12, lr, [r0], #8\n\t" \
    multiply " r4, r2, r12" R4 "\n\t" \
    multiply " r8, r3, r12" R8 "\n\t" \
    multiply " r5, r2, lr" R5 "\n\t" \
    multiply " r9, r3, lr" R9 "\n\t" \
    "ldrd r12, lr, [r0], #8\n\t" \
    multiply " r6, r2, r12" R6 "\n\t" \
    multiply " r10, r3, r12" R10 "\n\t" \
    multiply " r7, r2, lr" R7 "\n\t" \
    multiply " r11, r3, lr" R11 "\n\t"

#define BC_WINOGRAD_FIRST BC_WINOGRAD_PAIR("smuad", "", "", "", "", "", "", "", "")
#define BC_WINOGRAD_NEXT BC_WINOGRAD_PAIR("smlad", ", r4", ", r5", ", r6", ", r7", ", r8", ", r9", ", r10", ", r11")
#define BC_WINOGRAD_TWICE(text) text text
#define BC_WINOGRAD_EIGHT_TIMES(text) BC_WINOGRAD_TWICE(BC_WINOGRAD_TWICE(BC_WINOGRAD_TWICE(text)))

/*
 * All positions of two tiles and four outputs: r0 w, r1 x, r5 sums, r6 bytes of x at one position, r9 bytes of code to
 * skip behind the first pair. On the stack: the end of x at this position, where its sums go, r6, the end of the sums,
 * r9. r0 ends behind the weights; everything else but r7 is lost.
 */
static __attribute__((naked, noinline, unused, aligned(4))) void bc_winograd_dsp_positions(void)
{
    __asm__ volatile(".syntax unified\n\t"
                     "push {r7, lr}\n\t"
                     "add r4, r1, r6\n\t"
                     "add.w r8, r5, #512\n\t"
                     "push {r4, r5, r6, r8, r9}\n"
                     "1:\n\t" BC_WINOGRAD_FIRST
                     "ldr.w r12, [sp, #16]\n\t"
                     "add pc, r12\n\t" /* the pc is 4 bytes ahead: 0 goes to the loop's first instruction */
                     "nop\n"
                     "0:\n\t" BC_WINOGRAD_EIGHT_TIMES(BC_WINOGRAD_NEXT)
                     "ldr.w r12, [sp]\n\t"
                     "cmp r1, r12\n\t"
                     "bne.w 0b\n\t"
                     "ldm.w sp, {r2, r3, r12, lr}\n\t"
                     "stmia.w r3!, {r4, r5, r6, r7, r8, r9, r10, r11}\n\t"
                     "add r2, r12\n\t"
                     "strd r2, r3, [sp]\n\t"
                     "cmp r3, lr\n\t"
                     "bne.w 1b\n\t"
                     "add sp, #20\n\t"
                     "pop {r7, pc}\n\t");
}

/* sums = the products of x and w, pairs (an even number) at each position; returns what follows the weights. */
static BC_INLINE const int32_t *bc_winograd_dsp_products(
    const int32_t *w, const int32_t *x, int32_t pairs, int32_t *sums)
{
    const int32_t skipped = BC_WINOGRAD_PAIRS - (pairs - 1) % BC_WINOGRAD_PAIRS; /* pairs are even */
    register const int32_t *r0 __asm__("r0") = w;
    register const int32_t *r1 __asm__("r1") = x;
    register int32_t *r5 __asm__("r5") = sums;
    register int32_t r6 __asm__("r6") = 8 * pairs;
    register int32_t r9 __asm__("r9") = skipped * BC_WINOGRAD_PAIR_BYTES;
    BC_DSP_CALLEE(bc_winograd_dsp_positions);
    __asm__ volatile(BC_DSP_BRANCH
                     : "+r"(r0), "+r"(r1), "+r"(r5), "+r"(r6), "+r"(r9), BC_DSP_R12
                     : BC_DSP_NAME(bc_winograd_dsp_positions)
                     : "r2", "r3", "r4", "r8", "r10", "r11", "lr", "cc", "memory");
    return r0;
}

/* Numbers of x lane by lane: pairs have room for the sum or difference of two transformed ones. */
static BC_INLINE int32_t bc_winograd_dsp_sum(int32_t a, int32_t b)
{
    int32_t sum;
    __asm__("sadd16 %0, %1, %2" : "=r"(sum) : "r"(a), "r"(b));
    return sum;
}

static BC_INLINE int32_t bc_winograd_dsp_difference(int32_t a, int32_t b)
{
    int32_t difference;
    __asm__("ssub16 %0, %1, %2" : "=r"(difference) : "r"(a), "r"(b));
    return difference;
}

/* A column of the patch times B^T: bytes 0 and 2 of its words, or 1 and 3. step: bytes of a row. */
typedef struct {
    int32_t a, b, c, d;
} bc_winograd_dsp_four;

static BC_INLINE bc_winograd_dsp_four bc_winograd_dsp_column(const int8_t *patch, int32_t step, int32_t odd)
{
    const int32_t w0 = bc_load4(patch), w1 = bc_load4(patch + step);
    const int32_t w2 = bc_load4(patch + 2 * step), w3 = bc_load4(patch + 3 * step);
    const int32_t d0 = odd ? bc_odd_pair(w0) : bc_even_pair(w0), d1 = odd ? bc_odd_pair(w1) : bc_even_pair(w1);
    const int32_t d2 = odd ? bc_odd_pair(w2) : bc_even_pair(w2), d3 = odd ? bc_odd_pair(w3) : bc_even_pair(w3);
    const bc_winograd_dsp_four column = {bc_winograd_dsp_difference(d0, d2), bc_winograd_dsp_sum(d1, d2),
                                         bc_winograd_dsp_difference(d2, d1), bc_winograd_dsp_difference(d1, d3)};
    return column;
}

/* Both tiles of one pair of channels. pixel: bytes of a pixel of the patch; position: words of x at a position. */
static BC_INLINE void bc_winograd_dsp_transform_pair(
    const int8_t *patch, int32_t pixel, int32_t odd, int32_t *x, int32_t position)
{
    const int32_t row = BC_WINOGRAD_PATCH_COLUMNS * pixel;
    bc_winograd_dsp_four a = bc_winograd_dsp_column(patch, row, odd);
    bc_winograd_dsp_four b = bc_winograd_dsp_column(patch + pixel, row, odd);
#pragma GCC unroll 2
    for (int32_t t = 0; t < 2; ++t) {
        /* Columns a, b, c, d times B: the next tile begins with c and d. */
        const bc_winograd_dsp_four c = bc_winograd_dsp_column(patch + (2 * t + 2) * pixel, row, odd);
#define BC_WINOGRAD_PUT(column, combine, first, second) \
    x[(0 + (column)) * position + t] = combine(first.a, second.a); \
    x[(4 + (column)) * position + t] = combine(first.b, second.b); \
    x[(8 + (column)) * position + t] = combine(first.c, second.c); \
    x[(12 + (column)) * position + t] = combine(first.d, second.d)
        BC_WINOGRAD_PUT(0, bc_winograd_dsp_difference, a, c);
        BC_WINOGRAD_PUT(1, bc_winograd_dsp_sum, b, c);
        BC_WINOGRAD_PUT(2, bc_winograd_dsp_difference, c, b);
        const bc_winograd_dsp_four d = bc_winograd_dsp_column(patch + (2 * t + 3) * pixel, row, odd);
        BC_WINOGRAD_PUT(3, bc_winograd_dsp_difference, b, d);
#undef BC_WINOGRAD_PUT
        a = c;
        b = d;
    }
}

/* The patch's 4 x 6 pixels from (row, column) of x on; what is outside of x is x_zero. */
static BC_INLINE void bc_winograd_dsp_gather(
    const bc_conv2d_params *p, const int8_t *x, int32_t row, int32_t column, int32_t pixel, int8_t *patch)
{
    const int32_t first = column < 0 ? -column : 0;
    const int32_t end =
        p->in_w - column < BC_WINOGRAD_PATCH_COLUMNS ? p->in_w - column : BC_WINOGRAD_PATCH_COLUMNS;
#pragma GCC unroll 1
    for (int32_t r = 0; r < BC_WINOGRAD_PATCH_ROWS; ++r) {
        const int32_t outside = row + r < 0 || row + r >= p->in_h || first >= end;
        const int8_t *from = x + ((outside ? 0 : row + r) * p->in_w + (outside ? 0 : column + first)) * p->in_c;
        if (outside || first > 0 || end < BC_WINOGRAD_PATCH_COLUMNS) {
            BC_FILL(patch, p->x_zero, (size_t)(BC_WINOGRAD_PATCH_COLUMNS * pixel));
        }
        if (!outside && pixel == p->in_c) {
            BC_COPY(patch + first * pixel, from, (size_t)((end - first) * pixel));
        } else if (!outside) {
            for (int32_t s = first; s < end; ++s) {
                BC_COPY(patch + s * pixel, from, (size_t)p->in_c);
                from += p->in_c;
                for (int32_t c = p->in_c; c < pixel; ++c) {
                    patch[s * pixel + c] = 0;
                }
            }
        }
        patch += BC_WINOGRAD_PATCH_COLUMNS * pixel;
    }
}

/* A^T m A for one tile and one output: 2 x 2 results to y, of which `rows` by `columns` are there. */
static BC_INLINE void bc_winograd_dsp_results(
    const bc_conv2d_params *p, const int32_t *m, int32_t start, const int32_t *factor, int8_t *y, int32_t rows,
    int32_t columns)
{
    int32_t upper[4], lower[4];
    /* Sums are taken modulo 2**32. */
#define BC_WINOGRAD_M(i, j) ((uint32_t)m[(4 * (i) + (j)) * BC_WINOGRAD_SUMS])
#define BC_WINOGRAD_DOWN(j, more) \
    do { \
        const uint32_t m1 = BC_WINOGRAD_M(1, j) + (uint32_t)(more), m2 = BC_WINOGRAD_M(2, j); \
        upper[j] = (int32_t)(BC_WINOGRAD_M(0, j) + m1 + m2); \
        lower[j] = (int32_t)(m1 - m2 - BC_WINOGRAD_M(3, j)); \
    } while (0)
    BC_WINOGRAD_DOWN(0, 0);
    BC_WINOGRAD_DOWN(1, start); /* position (1, 1) is in all results with a plus */
    BC_WINOGRAD_DOWN(2, 0);
    BC_WINOGRAD_DOWN(3, 0);
#undef BC_WINOGRAD_DOWN
#undef BC_WINOGRAD_M
#define BC_WINOGRAD_OUT(acc) \
    (int8_t) bc_dsp_output((int32_t)(acc), BC_WINOGRAD_BITS, factor, BC_DSP_S8_PAIRED, p->shift, p->ties, p->y_zero, \
                           p->y_min, p->y_max)
#define BC_WINOGRAD_ACROSS(v, to) \
    do { \
        const uint32_t v1 = (uint32_t)v[1], v2 = (uint32_t)v[2]; \
        *(to) = BC_WINOGRAD_OUT((uint32_t)v[0] + v1 + v2); \
        if (columns > 1) { \
            (to)[p->out_c] = BC_WINOGRAD_OUT(v1 - v2 - (uint32_t)v[3]); \
        } \
    } while (0)
    BC_WINOGRAD_ACROSS(upper, y);
    if (rows > 1) {
        BC_WINOGRAD_ACROSS(lower, y + p->out_w * p->out_c);
    }
#undef BC_WINOGRAD_ACROSS
#undef BC_WINOGRAD_OUT
}

/* All outputs of two tiles. rows, columns: how many of the 2 x 4 pixels from y on are there. */
static BC_INLINE void bc_winograd_dsp_outputs(
    const bc_conv2d_params *p, const int32_t *w, const int32_t *x, int32_t pairs, int32_t *sums, int8_t *y,
    int32_t rows, int32_t columns)
{
    const int32_t words = BC_DSP_FACTOR_WORDS(p->ties);
    const int32_t *same = w;
    w += p->per_channel ? 0 : words;
#pragma GCC unroll 1
    for (int32_t o = 0; o < p->out_c; o += 4) {
        const int32_t count = p->out_c - o < 4 ? p->out_c - o : 4;
        w = bc_winograd_dsp_products(w, x, pairs, sums);
        const int32_t *factor = p->per_channel ? w + 4 : same;
#pragma GCC unroll 1
        for (int32_t k = 0; k < count; ++k) {
            bc_winograd_dsp_results(p, sums + k, w[k], factor, y + o + k, rows, columns);
            if (columns > 2) {
                bc_winograd_dsp_results(
                    p, sums + 4 + k, w[k], factor, y + 2 * p->out_c + o + k, rows, columns - 2);
            }
            factor += p->per_channel ? words : 0;
        }
        w += p->per_channel ? 4 + 4 * words : 4;
    }
}

static BC_INLINE void bc_winograd_dsp(
    const bc_conv2d_params *p, const int8_t *x, const int32_t *w, int8_t *y, int32_t *scratch)
{
    const int32_t pixel = (p->in_c + 3) / 4 * 4;
    const int32_t pairs = pixel / 2;
    int32_t *sums = scratch + BC_WINOGRAD_POSITIONS * pairs * 2;
    int8_t *patch = (int8_t *)sums;
#pragma GCC unroll 1
    for (int32_t n = 0; n < p->batch; ++n) {
#pragma GCC unroll 1
        for (int32_t i = 0; i < p->out_h; i += 2) {
            const int32_t rows = p->out_h % 2 != 0 && p->out_h - i < 2 ? 1 : 2;
#pragma GCC unroll 1
            for (int32_t j = 0; j < p->out_w; j += 4) {
                const int32_t columns = p->out_w % 4 != 0 && p->out_w - j < 4 ? p->out_w - j : 4;
                bc_winograd_dsp_gather(p, x, i - p->pad_top, j - p->pad_left, pixel, patch);
#pragma GCC unroll 1
                for (int32_t c = 0; c < pixel; c += 4) {
                    bc_winograd_dsp_transform_pair(patch + c, pixel, 0, scratch + c, 2 * pairs);
                    bc_winograd_dsp_transform_pair(patch + c, pixel, 1, scratch + c + 2, 2 * pairs);
                }
                bc_winograd_dsp_outputs(
                    p, w, scratch, pairs, sums, y + (i * p->out_w + j) * p->out_c, rows, columns);
            }
        }
        x += p->in_h * p->in_w * p->in_c;
        y += p->out_h * p->out_w * p->out_c;
    }
}

#endif
