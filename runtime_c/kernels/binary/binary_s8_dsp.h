/* SPDX-License-Identifier: 0BSD */
/*
 * binary for the DSP extension, int8, where a is contiguous along the innermost loop and b contiguous or one number:
 * four elements at a time. Factors as bc_dsp_rescale takes them.
 */
#ifndef BC_BINARY_S8_DSP_H
#define BC_BINARY_S8_DSP_H

#include "barecast/bc_dsp.h"
#include "barecast/binary.h"

/*
 * bc_requantize_twice((v - zero) * 2**20, mult, shift) for shift >= 31, with SMMLAR for the doubled high product. Where
 * the difference is negative so is the product, which decides about halves: it is at least 2**19 / 2**31 * mult.
 * mult = 2**30 with shift 31 is a half, exactly: the input with the larger scale.
 */
static BC_INLINE int32_t bc_binary_s8_dsp_in(int32_t v, int32_t zero, int32_t mult, int32_t shift)
{
    if (shift == 31 && mult == (int32_t)1 << 30) {
        return (v - zero) * ((int32_t)1 << 19);
    }
    const int32_t twice = (v - zero) * ((int32_t)1 << 21);
    if (shift == 31) {
        return bc_smmlar(twice, mult, 0);
    }
    return bc_smmlar(twice, mult, ((int32_t)1 << (shift - 32)) + (twice >> 31)) >> (shift - 31);
}

/* What b adds to a sum, or b without its zero point. */
static BC_INLINE int32_t bc_binary_s8_dsp_b(const bc_binary_params *p, int32_t b)
{
    if (p->kind == BC_BINARY_MUL) {
        return b - p->b_zero;
    }
    return p->ties == BC_TIES_UP ? b * p->b_mult + p->bias : bc_binary_s8_dsp_in(b, p->b_zero, p->b_mult, p->b_shift);
}

/* The output for a product, or TensorFlow Lite's for a sum. */
static BC_INLINE int32_t bc_binary_s8_dsp_out(const bc_binary_params *p, int32_t value)
{
    const int32_t base = p->ties == BC_TIES_TFLITE ? 32 : 33;
    const int32_t factor[2] = {p->ties == BC_TIES_UP ? p->a_mult : p->y_mult, p->shift - base};
    return bc_dsp_clamp(bc_dsp_rescale(value, 0, factor, p->shift, p->ties, p->y_zero), p->y_min, p->y_max);
}

/* A sum or difference: b as bc_binary_s8_dsp_b gives it. */
static BC_INLINE int32_t bc_binary_s8_dsp_sum(const bc_binary_params *p, int32_t a, int32_t b)
{
    if (p->ties == BC_TIES_UP) {
        return bc_dsp_clamp((a * p->a_mult + b) >> p->shift, p->y_min, p->y_max);
    }
    a = bc_binary_s8_dsp_in(a, p->a_zero, p->a_mult, p->a_shift);
    return bc_binary_s8_dsp_out(p, p->kind == BC_BINARY_ADD ? a + b : p->kind == BC_BINARY_SUB ? a - b : b - a);
}

static BC_INLINE int32_t bc_binary_s8_dsp_one(const bc_binary_params *p, int32_t a, int32_t b)
{
    return p->kind == BC_BINARY_MUL ? bc_binary_s8_dsp_out(p, (a - p->a_zero) * b) : bc_binary_s8_dsp_sum(p, a, b);
}

/* Four products: pairs of a and of b without their zero points, or one number for each of the latter. */
static BC_INLINE void bc_binary_s8_dsp_products(
    const bc_binary_params *p, const int8_t *a, const int8_t *b, int32_t still, int32_t one, int8_t *y)
{
    const int32_t minus_a = bc_pair(-p->a_zero, -p->a_zero), minus_b = bc_pair(-p->b_zero, -p->b_zero);
    const int32_t word_a = bc_load4(a), word_b = still ? 0 : bc_load4(b);
    const int32_t even_a = bc_add_even(minus_a, word_a), odd_a = bc_add_odd(minus_a, word_a);
    const int32_t even_b = bc_add_even(minus_b, word_b), odd_b = bc_add_odd(minus_b, word_b);
    bc_store4(y, bc_binary_s8_dsp_out(p, (int16_t)even_a * (still ? one : (int16_t)even_b)),
              bc_binary_s8_dsp_out(p, (int16_t)odd_a * (still ? one : (int16_t)odd_b)),
              bc_binary_s8_dsp_out(p, (even_a >> 16) * (still ? one : even_b >> 16)),
              bc_binary_s8_dsp_out(p, (odd_a >> 16) * (still ? one : odd_b >> 16)));
}

/* extent4 elements; still: b is one number. */
static BC_INLINE void bc_binary_s8_dsp_row(
    const bc_binary_params *p, const int8_t *a, const int8_t *b, int8_t *y, int32_t still)
{
    const int32_t one = still ? bc_binary_s8_dsp_b(p, *b) : 0;
#define BC_BINARY_B(i) (still ? one : bc_binary_s8_dsp_b(p, b[i]))
    for (int32_t i = 0; i < p->extent4 / 4; ++i) {
        if (p->kind == BC_BINARY_MUL) {
            bc_binary_s8_dsp_products(p, a, b, still, one, y);
        } else {
            bc_store4(y, bc_binary_s8_dsp_sum(p, a[0], BC_BINARY_B(0)), bc_binary_s8_dsp_sum(p, a[1], BC_BINARY_B(1)),
                      bc_binary_s8_dsp_sum(p, a[2], BC_BINARY_B(2)), bc_binary_s8_dsp_sum(p, a[3], BC_BINARY_B(3)));
        }
        a += 4;
        b += still ? 0 : 4;
        y += 4;
    }
    for (int32_t i = 0; i < p->extent4 % 4; ++i) {
        y[i] = (int8_t)bc_binary_s8_dsp_one(p, a[i], BC_BINARY_B(i));
    }
#undef BC_BINARY_B
}

static BC_KERNEL void bc_binary_s8_dsp(const bc_binary_params *p, const int8_t *a, const int8_t *b, int8_t *y)
{
    for (int32_t i0 = 0; i0 < p->extent0; i0++) {
        for (int32_t i1 = 0; i1 < p->extent1; i1++) {
            for (int32_t i2 = 0; i2 < p->extent2; i2++) {
                for (int32_t i3 = 0; i3 < p->extent3; i3++) {
                    const int8_t *a_row =
                        a + i0 * p->a_stride0 + i1 * p->a_stride1 + i2 * p->a_stride2 + i3 * p->a_stride3;
                    const int8_t *b_row =
                        b + i0 * p->b_stride0 + i1 * p->b_stride1 + i2 * p->b_stride2 + i3 * p->b_stride3;
                    bc_binary_s8_dsp_row(p, a_row, b_row, y, p->b_stride4 == 0);
                    y += p->extent4;
                }
            }
        }
    }
}

#endif
