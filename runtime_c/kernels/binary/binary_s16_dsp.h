/* SPDX-License-Identifier: 0BSD */
/*
 * binary for the DSP extension, int16, where a is contiguous along the innermost loop and b contiguous or one number:
 * two elements of a word at a time. Factors as bc_dsp_rescale takes them; those of the operands of a sum are 1/2 at
 * most, with shifts of 31 and more.
 */
#ifndef BC_BINARY_S16_DSP_H
#define BC_BINARY_S16_DSP_H

#include "barecast/bc_dsp.h"
#include "barecast/binary.h"

/*
 * What an operand adds to a sum: bc_requantize(v * 2**15, mult, shift, ties) of top = v * 2**16. The first rounding is
 * SMMLAR's; a negative v gives a negative high product, which decides about halves: its magnitude is mult / 2**16 at
 * least. One rounding takes the half beside the high word, unless it is SMMLAR's.
 */
static BC_INLINE int32_t bc_binary_s16_dsp_in(int32_t top, int32_t mult, int32_t shift, int32_t ties)
{
    if (shift == 31) {
        return mult == (int32_t)1 << 30 ? top >> 2 : bc_smmlar(top, mult, 0);
    }
    const int32_t half = (int32_t)1 << (shift - 32);
    const int32_t sum = ties == BC_TIES_TFLITE ? bc_smmlar(top, mult, half + (top >> 31)) : bc_smmla(top, mult, half);
    return sum >> (shift - 31);
}

static BC_INLINE int32_t bc_binary_s16_dsp_b(const bc_binary_params *p, int32_t b)
{
    return p->kind == BC_BINARY_MUL ? b
                                    : bc_binary_s16_dsp_in(b * ((int32_t)1 << 16), p->b_mult, p->b_shift, p->ties);
}

/* The output for a product or a sum, which is below 2**30 but for -2**15 * -2**15. */
static BC_INLINE int32_t bc_binary_s16_dsp_out(const bc_binary_params *p, int32_t value)
{
    const int32_t right = p->shift - (p->ties == BC_TIES_TFLITE ? 31 : 32), half = (int32_t)1 << (right - 1);
    if (p->ties == BC_TIES_TFLITE) {
        /* As bc_dsp_rescale, with both factors negated: twice 2**30 would be too large, twice -2**30 is not. */
        const int32_t twice = (int32_t)(0u - ((uint32_t)value << 1));
        value = bc_smmlar(twice, -p->y_mult, half + (value >> 31)) >> right;
    } else {
        value = bc_smmla(value, p->y_mult, half) >> right;
    }
    return bc_dsp_clamp_s16(value, p->y_min, p->y_max);
}

/* top: a * 2**16; b as bc_binary_s16_dsp_b gives it. */
static BC_INLINE int32_t bc_binary_s16_dsp_one(const bc_binary_params *p, int32_t top, int32_t b)
{
    if (p->kind == BC_BINARY_MUL) {
        return bc_binary_s16_dsp_out(p, (top >> 16) * b);
    }
    const int32_t a = bc_binary_s16_dsp_in(top, p->a_mult, p->a_shift, p->ties);
    return bc_binary_s16_dsp_out(p, p->kind == BC_BINARY_ADD ? a + b : p->kind == BC_BINARY_SUB ? a - b : b - a);
}

/* extent4 elements; still: b is one number. */
static BC_INLINE void bc_binary_s16_dsp_row(
    const bc_binary_params *p, const int16_t *a, const int16_t *b, int16_t *y, int32_t still)
{
    const int32_t one = still ? bc_binary_s16_dsp_b(p, *b) : 0;
#pragma GCC unroll 2
    for (int32_t i = 0; i < p->extent4 / 2; ++i) {
        int32_t word_a, word_b = 0;
        BC_COPY(&word_a, a, 4);
        if (!still) {
            BC_COPY(&word_b, b, 4);
        }
        const int32_t b0 = still ? one : bc_binary_s16_dsp_b(p, (int16_t)word_b);
        const int32_t b1 = still ? one : bc_binary_s16_dsp_b(p, word_b >> 16);
        const int32_t y0 = bc_binary_s16_dsp_one(p, (int32_t)((uint32_t)word_a << 16), b0);
        const int32_t y1 = bc_binary_s16_dsp_one(p, (int32_t)((uint32_t)word_a & 0xffff0000u), b1);
        const int32_t both = bc_pair(y0, y1);
        BC_COPY(y, &both, 4);
        a += 2;
        b += still ? 0 : 2;
        y += 2;
    }
    if (p->extent4 % 2 != 0) {
        const int32_t last = still ? one : bc_binary_s16_dsp_b(p, *b);
        *y = (int16_t)bc_binary_s16_dsp_one(p, *a * ((int32_t)1 << 16), last);
    }
}

static BC_KERNEL void bc_binary_s16_dsp(const bc_binary_params *p, const int16_t *a, const int16_t *b, int16_t *y)
{
    for (int32_t i0 = 0; i0 < p->extent0; i0++) {
        for (int32_t i1 = 0; i1 < p->extent1; i1++) {
            for (int32_t i2 = 0; i2 < p->extent2; i2++) {
                for (int32_t i3 = 0; i3 < p->extent3; i3++) {
                    const int16_t *a_row =
                        a + i0 * p->a_stride0 + i1 * p->a_stride1 + i2 * p->a_stride2 + i3 * p->a_stride3;
                    const int16_t *b_row =
                        b + i0 * p->b_stride0 + i1 * p->b_stride1 + i2 * p->b_stride2 + i3 * p->b_stride3;
                    bc_binary_s16_dsp_row(p, a_row, b_row, y, p->b_stride4 == 0);
                    y += p->extent4;
                }
            }
        }
    }
}

#endif
