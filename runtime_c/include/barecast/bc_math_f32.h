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

static BC_FUNCTION uint32_t bc_bits_f32(float x)
{
    uint32_t bits;
    BC_COPY(&bits, &x, sizeof bits);
    return bits;
}

static BC_FUNCTION float bc_f32_of_bits(uint32_t bits)
{
    float x;
    BC_COPY(&x, &bits, sizeof x);
    return x;
}

/* x to the nearest integer, halves to even. |x| <= 2**22.
 * Adding 1.5 * 2**23 leaves no bits for a fraction: the FPU (or its emulation) does the rounding. */
static BC_FUNCTION int32_t bc_round_even_f32(float x)
{
    return (int32_t)(bc_bits_f32(x + 12582912.0f) - 0x4b400000u);
}

/*
 * x * (high + low) + addend, rounded once, for an integer |x| < 2**9 and factors of 12 bits: both products are
 * exact, and so is total + error. A rounding of error + x * low shows in one result of a million.
 */
static BC_FUNCTION float bc_fma_byte_f32(float x, float high, float low, float addend)
{
    const float product = x * high;
    const float total = product + addend;
    const float back = total - product;
    const float error = (product - (total - back)) + (addend - back);
    return total + (error + x * low);
}

/* x to the nearest integer, halves away from zero. |x| < 2**31. */
static BC_FUNCTION int32_t bc_round_away_f32(float x)
{
    const int32_t whole = (int32_t)x;
    const float fraction = x - (float)whole; /* exact */
    return fraction >= 0.5f ? whole + 1 : fraction <= -0.5f ? whole - 1 : whole;
}

/* e**x. At most 0.99 ULP where the result is normal, 0.76 ULP where it is subnormal.
 * exp(-inf) = 0, exp(inf) = inf, exp(NaN) = NaN; overflows to inf above 88.73, underflows to 0 below -103.97. */
static BC_FUNCTION float bc_exp_f32(float x)
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
static BC_FUNCTION float bc_sigmoid_f32(float x)
{
    const float small = bc_exp_f32(x < 0.0f ? x : -x);
    return (x < 0.0f ? small : 1.0f) / (1.0f + small);
}

/* Hyperbolic tangent. At most 1.46 ULP; odd: tanh(-x) = -tanh(x), zeros keep their sign. */
static BC_FUNCTION float bc_tanh_f32(float x)
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

/* Natural logarithm. At most 0.80 ULP. -inf at 0, NaN below. */
static BC_FUNCTION float bc_log_f32(float x)
{
    uint32_t bits = bc_bits_f32(x);
    int32_t n = -127;
    if (bits >= 0x7f800000u) { /* negative, infinite or NaN */
        return x == 0.0f ? bc_f32_of_bits(0xff800000u) : x > 0.0f || x != x ? x : bc_f32_of_bits(0x7fc00000u);
    }
    if (bits < 0x00800000u) { /* 0 or subnormal */
        if (bits == 0u) {
            return bc_f32_of_bits(0xff800000u);
        }
        bits = bc_bits_f32(x * 8388608.0f);
        n -= 23;
    }
    /* x = 2**n * (1 + f), with 1 + f between the roots of 1/2 and 2. */
    const uint32_t above = bits - 0x3f3504f3u + 0x3f800000u;
    n += (int32_t)(above >> 23);
    const float f = bc_f32_of_bits((above & 0x7fffffu) + 0x3f3504f3u) - 1.0f;
    float p = 0x1.14763ap-4f;
    p = p * f - 0x1.de02d6p-4f;
    p = p * f + 0x1.e6bf38p-4f;
    p = p * f - 0x1.fc2884p-4f;
    p = p * f + 0x1.233ba8p-3f;
    p = p * f - 0x1.555c46p-3f;
    p = p * f + 0x1.99a476p-3f;
    p = p * f - 0x1.000006p-2f;
    p = p * f + 0x1.555548p-2f;
    const float whole = (float)n, square = f * f;
    /* ln 2 in two parts; n times the first one, of 9 bits, is exact. */
    const float low = p * f * square - whole * 2.12194440e-4f - 0.5f * square;
    return low + f + whole * 0.693359375f;
}

/*
 * x = quarter * pi/2 + the returned angle, between -pi/4 and pi/4; quarter modulo 4. x is finite.
 * 24 bits of x times those 96 bits of 2/pi that matter modulo 4 (Payne and Hanek, "Radian Reduction for
 * Trigonometric Functions", 1983): 62 bits of a quarter turn are left.
 */
static BC_FUNCTION float bc_quarter_turns_f32(float x, uint32_t *quarter)
{
    const uint32_t bits = bc_bits_f32(x), biased = (bits >> 23) & 255u;
    if (biased < 126u) { /* below 1/2 */
        *quarter = 0;
        return x;
    }
    /* 2/pi from the bit for 2**31 on. */
    static const uint32_t digits[8] = {0x00000000u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u,
                                       0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu};
    const uint32_t first = biased - 120u, word = first >> 5, bit = first & 31u;
    uint32_t window[3];
    for (uint32_t i = 0; i < 3u; ++i) {
        const uint64_t two = (uint64_t)digits[word + i] << 32 | digits[word + i + 1u];
        window[i] = (uint32_t)(two >> (32u - bit));
    }
    const uint64_t mantissa = (bits & 0x7fffffu) | 0x800000u;
    const uint64_t turns = ((mantissa * window[0]) << 32) + mantissa * window[1] + ((mantissa * window[2]) >> 32);
    const uint64_t nearest = turns + ((uint64_t)1 << 61);
    int64_t rest = (int64_t)(turns - (nearest & ((uint64_t)3 << 62)));
    *quarter = (uint32_t)(nearest >> 62);
    float unit = 0x1p-61f; /* of the product below: 62 bits after the point, 31 dropped, 30 more by pi/2 */
    while (rest < (int64_t)1 << 60 && rest > -((int64_t)1 << 60) && rest != 0) {
        rest *= 2;
        unit *= 0.5f;
    }
    /* pi/2 has 31 bits here, and rest 30: what counts is the rounding to float. */
    const float angle = (float)((rest >> 31) * 1686629713) * unit;
    if (bits >> 31 != 0u) {
        *quarter = 0u - *quarter;
        return -angle;
    }
    return angle;
}

/* The sine (quarter 0) or cosine (1) of an angle between -pi/4 and pi/4, and of 2 and 3 quarter turns more. */
static BC_FUNCTION float bc_sine_of_quarter_f32(float angle, uint32_t quarter)
{
    const float z = angle * angle;
    float y;
    if (quarter & 1u) {
        float p = 0x1.99e914p-16f;
        p = p * z - 0x1.6c0c2ap-10f;
        p = p * z + 0x1.55554ap-5f;
        y = p * (z * z) - 0.5f * z + 1.0f;
    } else {
        float p = -0x1.995408p-13f;
        p = p * z + 0x1.110778p-7f;
        p = p * z - 0x1.555546p-3f;
        y = p * (z * angle) + angle;
    }
    return quarter & 2u ? -y : y;
}

/* Sine, at most 1.57 ULP for all arguments; NaN of infinities. */
static BC_FUNCTION float bc_sin_f32(float x)
{
    if (!(x >= -3.402823466e+38f && x <= 3.402823466e+38f)) {
        return bc_f32_of_bits(0x7fc00000u);
    }
    uint32_t quarter;
    const float angle = bc_quarter_turns_f32(x, &quarter);
    return bc_sine_of_quarter_f32(angle, quarter);
}

/* Cosine, at most 1.59 ULP for all arguments; NaN of infinities. */
static BC_FUNCTION float bc_cos_f32(float x)
{
    if (!(x >= -3.402823466e+38f && x <= 3.402823466e+38f)) {
        return bc_f32_of_bits(0x7fc00000u);
    }
    uint32_t quarter;
    const float angle = bc_quarter_turns_f32(x, &quarter);
    return bc_sine_of_quarter_f32(angle, quarter + 1u);
}

#endif
