/* SPDX-License-Identifier: 0BSD */
/*
 * float32 functions that have one right answer, without libm: whole parts, remainders, square root.
 * They assume what bc_math_f32.h assumes. A result of zero may have either sign.
 */
#ifndef BC_EXACT_F32_H
#define BC_EXACT_F32_H

#include <stdint.h>

#include "barecast/bc_math_f32.h"

/* The largest integer that is not above x. From 2**23 on every float32 is whole. */
static BC_FUNCTION float bc_floor_f32(float x)
{
    if (!(x > -8388608.0f && x < 8388608.0f)) {
        return x;
    }
    const float whole = (float)(int32_t)x;
    return whole > x ? whole - 1.0f : whole;
}

/* The smallest integer that is not below x. */
static BC_FUNCTION float bc_ceil_f32(float x)
{
    return -bc_floor_f32(-x);
}

/* x to the nearest integer, halves to even; any x. */
static BC_FUNCTION float bc_rint_f32(float x)
{
    if (!(x > -4194304.0f && x < 4194304.0f)) {
        /* Halves are all there is between here and 2**23. */
        const float floor = bc_floor_f32(x);
        return x - floor == 0.5f ? 2.0f * bc_floor_f32(0.5f * floor + 0.5f) : x - floor < 0.5f ? floor : x;
    }
    return (float)bc_round_even_f32(x);
}

/* |x| = mantissa * 2**(exponent - 150), 1 <= exponent <= 254, for a finite x. */
static BC_FUNCTION uint32_t bc_mantissa_f32(float x, int32_t *exponent)
{
    const uint32_t bits = bc_bits_f32(x);
    const uint32_t biased = (bits >> 23) & 255u;
    *exponent = biased ? (int32_t)biased : 1;
    return (bits & 0x7fffffu) | (biased ? 0x800000u : 0u);
}

/* mantissa * 2**(exponent - 150), which must be a float32: mantissa < 2**24, exponent as above. */
static BC_FUNCTION float bc_f32_of_mantissa(uint32_t mantissa, int32_t exponent)
{
    const int32_t power = exponent - 150;
    return (float)mantissa
           * bc_f32_of_bits(power >= -126 ? (uint32_t)(power + 127) << 23 : (uint32_t)1 << (power + 149));
}

/* a - b * (a / b without its fraction), exactly; the sign is that of a. NaN where b is 0 or a infinite. */
static BC_FUNCTION float bc_fmod_f32(float a, float b)
{
    const float most = 3.402823466e+38f;
    if (a != a || b != b || a > most || a < -most || b == 0.0f) {
        return bc_f32_of_bits(0x7fc00000u);
    }
    if (b > most || b < -most) {
        return a;
    }
    int32_t a_exponent, b_exponent;
    const uint32_t dividend = bc_mantissa_f32(a, &a_exponent), divisor = bc_mantissa_f32(b, &b_exponent);
    if (a_exponent < b_exponent) {
        return a;
    }
    /* Long division, 8 bits at a time: the remainder is below 2**24. */
    uint32_t rest = dividend % divisor;
    for (int32_t left = a_exponent - b_exponent; left > 0 && rest != 0u; left -= 8) {
        rest = (rest << (left < 8 ? left : 8)) % divisor;
    }
    const float size = bc_f32_of_mantissa(rest, b_exponent);
    return a < 0.0f ? -size : size;
}

/* As bc_fmod_f32, with the sign of b. */
static BC_FUNCTION float bc_floor_mod_f32(float a, float b)
{
    const float rest = bc_fmod_f32(a, b);
    return rest != 0.0f && (b < 0.0f) != (rest < 0.0f) ? rest + b : rest;
}

/* floor(a / b) of the exact quotient, as float32; exact for quotients below 2**22, 1 ULP beyond. */
static BC_FUNCTION float bc_floor_div_f32(float a, float b)
{
    const float quotient = a / b, floor = bc_floor_f32(quotient);
    if (floor == quotient && quotient > -4194304.0f && quotient < 4194304.0f) {
        /* The division may have been rounded up to this integer: then nearly all of b is left over. */
        const float rest = bc_floor_mod_f32(a, b);
        return rest / b > 0.5f ? floor - 1.0f : floor;
    }
    return floor;
}

/* The square root, correctly rounded; NaN below 0. By the FPU where there is one, else bit by bit. */
static BC_FUNCTION float bc_sqrt_f32(float x)
{
#if defined(__GNUC__) && defined(__ARM_FP) && (__ARM_FP & 4) && !defined(__aarch64__)
    float root;
    __asm__("vsqrt.f32 %0, %1" : "=t"(root) : "t"(x));
    return root;
#elif defined(__GNUC__) && defined(__aarch64__)
    float root;
    __asm__("fsqrt %s0, %s1" : "=w"(root) : "w"(x));
    return root;
#else
    if (!(x > 0.0f) || x > 3.402823466e+38f) {
        return x == 0.0f || x > 0.0f ? x : bc_f32_of_bits(0x7fc00000u);
    }
    int32_t exponent;
    uint32_t mantissa = bc_mantissa_f32(x, &exponent);
    while (mantissa < 0x800000u) {
        mantissa <<= 1;
        exponent--;
    }
    /* x = square * 2**(power of 4) with a square of 50 bits, the first 26 of them in `bits`, the rest 0. */
    const int32_t odd = exponent & 1;
    uint32_t bits = odd ? mantissa << 7 : mantissa << 8, root = 0, rest = 0;
    for (int32_t i = 0; i < 25; ++i) {
        rest = (rest << 2) | (bits >> 30);
        bits <<= 2;
        root <<= 1;
        if (rest > 2u * root) {
            rest -= 2u * root + 1u;
            root++;
        }
    }
    /* 25 bits; the last is a half, and never a tie: then the square would be odd. */
    return bc_f32_of_mantissa((root + 1u) >> 1, (exponent + odd) / 2 + 150 - 87);
#endif
}

#endif
