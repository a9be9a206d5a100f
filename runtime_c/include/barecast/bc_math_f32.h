/* SPDX-License-Identifier: 0BSD */
/*
 * float32 functions without libm: the same result bits on every core, with or without an FPU.
 *
 * They assume IEEE 754 binary32 arithmetic, rounding to nearest, subnormals kept, no contraction to
 * fused multiply-add (-ffp-contract=off, which -std=c99 implies) and no -ffast-math. Where a compiler
 * contracts nevertheless, the error bounds still hold; only the last bit may differ between cores.
 *
 * Error bounds are the largest found over all 2**32 arguments, against the host's float64 functions
 * (barecast's own tests measure a sample of them).
 *
 * Method: Cody and Waite's argument reduction ("Software Manual for the Elementary Functions", 1980);
 * the polynomials are minimax fits of our own, with coefficients rounded to float32.
 */
#ifndef BC_MATH_F32_H
#define BC_MATH_F32_H

#include <stdint.h>

#include "barecast/bc.h"
#include "barecast/bc_bytes.h"

#if defined(__FAST_MATH__)
#error "compile without -ffast-math: it gives the compiler leave to change results"
#endif

static inline uint32_t bc_bits_f32(float x)
{
    uint32_t bits;
    BC_COPY(&bits, &x, sizeof bits);
    return bits;
}

static inline float bc_f32_of_bits(uint32_t bits)
{
    float x;
    BC_COPY(&x, &bits, sizeof x);
    return x;
}

/* x to the nearest integer, halves to even. |x| <= 2**22.
 * Adding 1.5 * 2**23 leaves no bits for a fraction: the FPU (or its emulation) does the rounding. */
static inline int32_t bc_round_even_f32(float x)
{
    return (int32_t)(bc_bits_f32(x + 12582912.0f) - 0x4b400000u);
}

/* x to the nearest integer, halves away from zero. |x| < 2**31. */
static inline int32_t bc_round_away_f32(float x)
{
    const int32_t whole = (int32_t)x;
    const float fraction = x - (float)whole; /* exact */
    return fraction >= 0.5f ? whole + 1 : fraction <= -0.5f ? whole - 1 : whole;
}

/* e**x. At most 0.99 ULP where the result is normal, 0.76 ULP where it is subnormal.
 * exp(-inf) = 0, exp(inf) = inf, exp(NaN) = NaN; overflows to inf above 88.73, underflows to 0 below -103.97. */
static inline float bc_exp_f32(float x)
{
    if (!(x > -104.0f)) {
        return x == x ? 0.0f : x;
    }
    if (x > 89.0f) {
        return bc_f32_of_bits(0x7f800000u);
    }
    const int32_t n = bc_round_even_f32(x * 1.44269504f);
    const float whole = (float)n;
    /* ln 2 in two parts; n times the first one, of 9 bits, is exact. */
    const float r = (x - whole * 0.693359375f) + whole * 2.12194440e-4f;
    float p = 0x1.6a2430p-10f;
    p = p * r + 0x1.1239e4p-7f;
    p = p * r + 0x1.5558f2p-5f;
    p = p * r + 0x1.555492p-3f;
    p = p * r + 0x1.fffffcp-2f;
    p = p * (r * r) + r + 1.0f;
    /* 2**n as two factors, because 2**n itself may be subnormal or too large. */
    const int32_t half = n / 2;
    return p * bc_f32_of_bits((uint32_t)(half + 127) << 23) * bc_f32_of_bits((uint32_t)(n - half + 127) << 23);
}

/* 1 / (1 + e**-x). At most 2.41 ULP where the result is normal, 0.76 ULP where it is subnormal. */
static inline float bc_sigmoid_f32(float x)
{
    const float small = bc_exp_f32(x < 0.0f ? x : -x);
    return (x < 0.0f ? small : 1.0f) / (1.0f + small);
}

/* Hyperbolic tangent. At most 1.46 ULP; odd: tanh(-x) = -tanh(x), zeros keep their sign. */
static inline float bc_tanh_f32(float x)
{
    const float size = x < 0.0f ? -x : x;
    if (size < 0.55f) {
        const float z = x * x;
        float p = -0x1.9b3056p-8f;
        p = p * z + 0x1.593d0ap-6f;
        p = p * z - 0x1.b9287cp-5f;
        p = p * z + 0x1.110d26p-3f;
        p = p * z - 0x1.55554ap-2f;
        return p * z * x + x;
    }
    const float y = 1.0f - 2.0f / (1.0f + bc_exp_f32(2.0f * size));
    return x < 0.0f ? -y : y;
}

#endif
