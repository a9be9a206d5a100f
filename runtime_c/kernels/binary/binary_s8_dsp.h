/* SPDX-License-Identifier: 0BSD */
/* binary for the DSP extension, int8: sums and differences of two tensors of one shape, four elements at a time. */
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

static BC_INLINE int32_t bc_binary_s8_dsp_one(const bc_binary_params *p, int32_t a, int32_t b)
{
    if (p->ties == BC_TIES_UP) {
        return bc_dsp_clamp((a * p->a_mult + p->bias + b * p->b_mult) >> p->shift, p->y_min, p->y_max);
    }
    a = bc_binary_s8_dsp_in(a, p->a_zero, p->a_mult, p->a_shift);
    b = bc_binary_s8_dsp_in(b, p->b_zero, p->b_mult, p->b_shift);
    const int32_t sum = p->kind == BC_BINARY_ADD ? a + b : p->kind == BC_BINARY_SUB ? a - b : b - a;
    const int32_t factor[2] = {p->y_mult, p->shift - 32};
    return bc_dsp_clamp(bc_dsp_rescale(sum, 0, factor, p->shift, p->ties, p->y_zero), p->y_min, p->y_max);
}

static BC_KERNEL void bc_binary_s8_dsp(const bc_binary_params *p, const int8_t *a, const int8_t *b, int8_t *y)
{
    const int32_t fours = p->extent4 / 4;
    for (int32_t i = 0; i < fours; ++i) {
        bc_store4(y, bc_binary_s8_dsp_one(p, a[0], b[0]), bc_binary_s8_dsp_one(p, a[1], b[1]),
                  bc_binary_s8_dsp_one(p, a[2], b[2]), bc_binary_s8_dsp_one(p, a[3], b[3]));
        a += 4;
        b += 4;
        y += 4;
    }
    for (int32_t i = 0; i < p->extent4 % 4; ++i) {
        y[i] = (int8_t)bc_binary_s8_dsp_one(p, a[i], b[i]);
    }
}

#endif
