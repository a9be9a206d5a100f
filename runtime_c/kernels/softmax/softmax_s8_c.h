/* SPDX-License-Identifier: 0BSD */
#ifndef BC_SOFTMAX_S8_C_H
#define BC_SOFTMAX_S8_C_H

#include "barecast/bc_fixed_point.h"
#include "barecast/bc_math.h"
#include "barecast/softmax.h"

/* What the high words of the products decide, where shift >= BC_SOFTMAX_S8_HIGH: they hold the window of ties. */
enum { BC_SOFTMAX_S8_HIGH = 46 };

/* product / 2**shift, of a term and the factor, by 64 bits. */
static BC_INLINE int8_t bc_softmax_s8_c_exact(const bc_softmax_params *p, uint64_t product)
{
    /* The product is below 2**63, the half and the window below 2**62. */
    const uint64_t moved = product + ((uint64_t)1 << (p->shift - 1)), window = (uint64_t)1 << (p->shift - 14);
    /* Below 2**32: shift is 32 or more. */
    uint32_t steps = (uint32_t)(moved >> p->shift);
    if (((moved + window) & (((uint64_t)1 << p->shift) - 1)) <= 2 * window) {
        steps = (uint32_t)bc_round_float_product((int64_t)product, p->shift);
    }
    /* More than 255 steps saturate whatever the zero point is. */
    const int32_t y = (steps > 512u ? 512 : (int32_t)steps) + p->y_zero;
    return (int8_t)(y < p->y_min ? p->y_min : y > p->y_max ? p->y_max : y);
}

static BC_INLINE int8_t bc_softmax_s8_c_one(const bc_softmax_params *p, uint32_t term, uint64_t factor)
{
    const uint64_t product = term * factor;
    if (p->shift >= BC_SOFTMAX_S8_HIGH) {
        /* All is a multiple of 2**32 but the product, whose low word decides only where the high one is at the edge. */
        const uint32_t high = (uint32_t)(product >> 32) + ((uint32_t)1 << (p->shift - 33));
        const uint32_t near = (uint32_t)1 << (p->shift - 46), fraction = ((uint32_t)1 << (p->shift - 32)) - 1u;
        if (((high + near) & fraction) > 2 * near) {
            const uint32_t steps = high >> (p->shift - 32);
            /* No more than 1 / scale of y, rounded; a constant that tells whether 512 is ever in the way. */
            const int32_t some = p->mult >> (p->shift - 32) < 512 || steps < 512u ? (int32_t)steps : 512;
            return (int8_t)bc_clamp_s32(some + p->y_zero, p->y_min, p->y_max);
        }
    }
    return bc_softmax_s8_c_exact(p, product);
}

/* A term in steps of 2**-19, halves up: it is not negative. */
static BC_INLINE uint32_t bc_softmax_s8_c_short(int32_t term)
{
    return ((uint32_t)term + 2048u) >> 12;
}

/* bc_double_high of two numbers that are not negative. */
static BC_INLINE uint32_t bc_softmax_s8_c_product(int32_t scale, int32_t term)
{
#if defined(BC_NO_LONG_MULTIPLY)
    return (uint32_t)bc_double_high(scale, term);
#else
    return (uint32_t)(((uint64_t)(2u * (uint32_t)scale) * (uint32_t)term + 0x80000000u) >> 32);
#endif
}

/*
 * One row under TensorFlow Lite's rules. The sum, with 12 integer bits, is 2**(12 - headroom) * (1 + f); the
 * reciprocal of 1 + f times a term, in steps of 2**-8, is the result. Sums beyond 2**28 leave less than half a step.
 */
static BC_INLINE void bc_softmax_s8_c_row_tflite(
    const bc_softmax_params *p, const int8_t *in, const int32_t *table, int8_t *out, int32_t max)
{
    uint32_t sum = 0;
    for (int32_t i = 0; i < p->extent; i++) {
        sum += bc_softmax_s8_c_short(table[max - in[i * p->inner]]);
    }
    BC_ASSUME(sum != 0u);
    const int32_t headroom = bc_leading_zeros((int32_t)sum);
    const int32_t scale = bc_reciprocal((int32_t)((sum << headroom) - 0x80000000u));
    /* The largest term alone is half of the range of `sum`, so 23 or more; beyond 31 all is 0. */
    const int32_t exponent = 12 - headroom + 31 - 8, right = exponent > 31 ? 31 : exponent;
    const uint32_t half = exponent > 31 ? 0u : (uint32_t)1 << (exponent - 1);
    const uint32_t most = (uint32_t)(p->y_max - p->y_zero);
    for (int32_t i = 0; i < p->extent; i++) {
        const uint32_t steps = (bc_softmax_s8_c_product(scale, table[max - in[i * p->inner]]) + half) >> right;
        out[i * p->inner] = (int8_t)((int32_t)(steps < most ? steps : most) + p->y_zero);
    }
}

static BC_KERNEL void bc_softmax_s8_c(const bc_softmax_params *p, const int8_t *x, const int32_t *table, int8_t *y)
{
    for (int32_t outer = 0; outer < p->outer; outer++) {
        for (int32_t inner = 0; inner < p->inner; inner++) {
            const int32_t start = outer * p->extent * p->inner + inner;
            const int8_t *in = x + start;
            int8_t *out = y + start;
            int32_t max = -128;
            for (int32_t i = 0; i < p->extent; i++) {
                const int32_t value = in[i * p->inner];
                max = value > max ? value : max;
            }
            if (p->ties >= BC_TIES_TFLITE) {
                bc_softmax_s8_c_row_tflite(p, in, table, out, max);
                continue;
            }
            uint32_t sum = 0;
            for (int32_t i = 0; i < p->extent; i++) {
                sum += (uint32_t)table[max - in[i * p->inner]];
            }
            const uint64_t factor = ((uint64_t)(uint32_t)p->mult << 32) / sum;
            for (int32_t i = 0; i < p->extent; i++) {
                out[i * p->inner] = bc_softmax_s8_c_one(p, (uint32_t)table[max - in[i * p->inner]], factor);
            }
        }
    }
}

#endif
