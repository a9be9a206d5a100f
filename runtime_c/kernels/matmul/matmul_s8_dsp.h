/* SPDX-License-Identifier: 0BSD */
/*
 * matmul for the DSP extension, int8: two rows by two columns at a time. Both operands lose their zero points and
 * become pairs of 16 bits in scratch memory: eight columns of b, once for all rows, and two rows of a, once for eight
 * columns. Words of two rows, or of two columns, take turns.
 *
 * Factors as bc_dsp_rescale takes them, 0 < k, k * 255 * 255 < 2**30. scratch: ten times `pairs` words, two pairs for
 * every four elements along k.
 */
#ifndef BC_MATMUL_S8_DSP_H
#define BC_MATMUL_S8_DSP_H

#include "barecast/bc_dsp.h"
#include "barecast/matmul.h"

#define BC_MATMUL_DSP_COLUMNS 8

/* Elements 0 and 2, then 1 and 3 of every four of `count` in every other word; beyond the last one 0. */
static BC_INLINE void bc_matmul_s8_dsp_row(int32_t *to, const int8_t *a, int32_t zero, int32_t count)
{
    const int32_t minus = bc_pair(-zero, -zero);
    for (int32_t k = 0; k < count / 4; ++k) {
        const int32_t word = bc_load4(a);
        to[0] = bc_add_even(minus, word);
        to[2] = bc_add_odd(minus, word);
        a += 4;
        to += 4;
    }
    if (count % 4 != 0) {
        to[0] = bc_pair(a[0] - zero, count % 4 > 2 ? a[2] - zero : 0);
        to[2] = bc_pair(count % 4 > 1 ? a[1] - zero : 0, 0);
    }
}

/* The pairs of four columns, 2 * pairs words from two to the other two, from two rows of b; the second may be none. */
static BC_INLINE void bc_matmul_s8_dsp_turn(
    int32_t *to, const int8_t *low, const int8_t *high, int32_t minus, int32_t pairs)
{
    const int32_t word = bc_load4(low);
    const int32_t even = bc_add_even(minus, word), odd = bc_add_odd(minus, word);
    const int32_t even_high = high ? bc_add_even(minus, bc_load4(high)) : 0;
    const int32_t odd_high = high ? bc_add_odd(minus, bc_load4(high)) : 0;
    to[0] = bc_pair(even, even_high);
    to[1] = bc_pair(odd, odd_high);
    to[2 * pairs] = (int32_t)(((uint32_t)even >> 16) | ((uint32_t)even_high & 0xffff0000u));
    to[2 * pairs + 1] = (int32_t)(((uint32_t)odd >> 16) | ((uint32_t)odd_high & 0xffff0000u));
}

/* `columns` columns of b from b on, each as bc_matmul_s8_dsp_row has a row. */
static BC_INLINE void bc_matmul_s8_dsp_columns(
    const bc_matmul_params *p, int32_t *to, const int8_t *b, int32_t columns, int32_t pairs)
{
    const int32_t minus = bc_pair(-p->b_zero, -p->b_zero), n = p->n;
    int32_t c = 0;
#pragma GCC unroll 1
    for (; c + 4 <= columns; c += 4, to += 4 * pairs) {
        const int8_t *from = b + c;
        int32_t *word = to;
        for (int32_t k = 0; k < p->k / 4; ++k) {
            bc_matmul_s8_dsp_turn(word, from, from + 2 * n, minus, pairs);
            bc_matmul_s8_dsp_turn(word + 2, from + n, from + 3 * n, minus, pairs);
            from += 4 * n;
            word += 4;
        }
        if (p->k % 4 != 0) {
            bc_matmul_s8_dsp_turn(word, from, p->k % 4 > 2 ? from + 2 * n : (const int8_t *)0, minus, pairs);
            if (p->k % 4 > 1) {
                bc_matmul_s8_dsp_turn(word + 2, from + n, (const int8_t *)0, minus, pairs);
            } else {
                word[2] = word[3] = word[2 + 2 * pairs] = word[3 + 2 * pairs] = 0;
            }
        }
    }
#pragma GCC unroll 1
    for (int32_t s = 0; c + s < columns; ++s) {
        int16_t *half = (int16_t *)(void *)(to + s / 2 * 2 * pairs + s % 2);
        for (int32_t k = 0; k < 2 * pairs; ++k) {
            /* Half k of a column, four of which are elements 0, 2, 1 and 3. */
            const int32_t row = k / 4 * 4 + k % 2 * 2 + k / 2 % 2;
            half[k / 2 * 4 + k % 2] = (int16_t)(row < p->k ? b[row * n + c + s] - p->b_zero : 0);
        }
    }
}

static BC_INLINE int8_t bc_matmul_s8_dsp_out(const bc_matmul_params *p, int32_t acc, const int32_t *mult, int32_t c)
{
    const int32_t base = p->ties == BC_TIES_TFLITE ? 32 : 33;
    const int32_t factor[2] = {mult[p->per_channel ? c : 0], p->shift - base};
    return (int8_t)bc_dsp_clamp(bc_dsp_rescale(acc, 0, factor, p->shift, p->ties, p->y_zero), p->y_min, p->y_max);
}

/* y[c] and y[c + 1] of the two rows at a; `rows` and `columns`, 1 or 2 each, of them are stored. */
static BC_INLINE void bc_matmul_s8_dsp_tile(
    const bc_matmul_params *p, const int32_t *a, const int32_t *b, const int32_t *mult, int8_t *y, int32_t c,
    int32_t rows, int32_t columns, int32_t pairs)
{
    int32_t acc00 = 0, acc01 = 0, acc10 = 0, acc11 = 0, left = pairs, a0, a1, b0, b1;
    __asm__ volatile(
        "1:\n\t"
        "ldrd %[a0], %[a1], [%[a]], #8\n\t"
        "ldrd %[b0], %[b1], [%[b]], #8\n\t"
        "smlad %[acc00], %[a0], %[b0], %[acc00]\n\t"
        "smlad %[acc01], %[a0], %[b1], %[acc01]\n\t"
        "smlad %[acc10], %[a1], %[b0], %[acc10]\n\t"
        "smlad %[acc11], %[a1], %[b1], %[acc11]\n\t"
        "ldrd %[a0], %[a1], [%[a]], #8\n\t"
        "ldrd %[b0], %[b1], [%[b]], #8\n\t"
        "smlad %[acc00], %[a0], %[b0], %[acc00]\n\t"
        "smlad %[acc01], %[a0], %[b1], %[acc01]\n\t"
        "smlad %[acc10], %[a1], %[b0], %[acc10]\n\t"
        "smlad %[acc11], %[a1], %[b1], %[acc11]\n\t"
        "subs %[left], %[left], #2\n\t"
        "bne 1b"
        : [a] "+r"(a), [b] "+r"(b), [left] "+r"(left), [acc00] "+r"(acc00), [acc01] "+r"(acc01), [acc10] "+r"(acc10),
          [acc11] "+r"(acc11), [a0] "=&r"(a0), [a1] "=&r"(a1), [b0] "=&r"(b0), [b1] "=&r"(b1)
        :
        : "cc", "memory");
    y[c] = bc_matmul_s8_dsp_out(p, acc00, mult, c);
    if (columns == 2) {
        y[c + 1] = bc_matmul_s8_dsp_out(p, acc01, mult, c + 1);
    }
    if (rows == 2) {
        y[p->n + c] = bc_matmul_s8_dsp_out(p, acc10, mult, c);
        if (columns == 2) {
            y[p->n + c + 1] = bc_matmul_s8_dsp_out(p, acc11, mult, c + 1);
        }
    }
}

/* One product of two matrices. */
static BC_INLINE void bc_matmul_s8_dsp_product(
    const bc_matmul_params *p, const int8_t *a, const int8_t *b, const int32_t *mult, int8_t *y, int32_t *words)
{
    const int32_t pairs = (p->k + 3) / 4 * 2;
    int32_t *const rows = words + BC_MATMUL_DSP_COLUMNS * pairs;
#pragma GCC unroll 1
    for (int32_t c = 0; c < p->n; c += BC_MATMUL_DSP_COLUMNS) {
        const int32_t columns = p->n - c < BC_MATMUL_DSP_COLUMNS ? p->n - c : BC_MATMUL_DSP_COLUMNS;
        bc_matmul_s8_dsp_columns(p, words, b + c, columns, pairs);
#pragma GCC unroll 1
        for (int32_t m = 0; m < p->m; m += 2) {
            const int32_t two = m + 1 < p->m;
            bc_matmul_s8_dsp_row(rows, a + m * p->k, p->a_zero, p->k);
            bc_matmul_s8_dsp_row(rows + 1, a + (two ? m + 1 : m) * p->k, p->a_zero, p->k);
#pragma GCC unroll 1
            for (int32_t s = 0; s < columns; s += 2) {
                /* A column that is not there is computed from whatever lies in its place, and not stored. */
                bc_matmul_s8_dsp_tile(p, rows, words + s * pairs, mult, y + m * p->n, c + s, 1 + two,
                                      columns - s < 2 ? 1 : 2, pairs);
            }
        }
    }
}

static BC_KERNEL void bc_matmul_s8_dsp(
    const bc_matmul_params *p, const int8_t *a, const int8_t *b, const int32_t *mult, int8_t *y, void *scratch)
{
    for (int32_t h = 0; h < p->batch_0; ++h) {
        for (int32_t i = 0; i < p->batch_1; ++i) {
            for (int32_t j = 0; j < p->batch_2; ++j) {
                bc_matmul_s8_dsp_product(p, a + h * p->a_step_0 + i * p->a_step_1 + j * p->a_step_2,
                                         b + h * p->b_step_0 + i * p->b_step_1 + j * p->b_step_2, mult, y,
                                         (int32_t *)scratch);
                y += p->m * p->n;
            }
        }
    }
}

#endif
