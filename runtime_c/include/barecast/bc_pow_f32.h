/* SPDX-License-Identifier: 0BSD */
/*
 * Powers in float32 without libm: exp(b * log a) in float64 arithmetic, which has 29 bits to spare.
 */
#ifndef BC_POW_F32_H
#define BC_POW_F32_H

#include "barecast/bc_math_f32.h"

/* Natural logarithm of a finite number above 0, with a relative error of about 2**-44: 2 atanh((m - 1) / (m + 1)) as
 * its power series, m between the roots of 1/2 and 2. */
static BC_FUNCTION double bc_log_f64_of_f32(float x)
{
    int32_t n = -127;
    uint32_t bits = bc_bits_f32(x);
    if (bits < 0x00800000u) {
        bits = bc_bits_f32(x * 8388608.0f);
        n -= 23;
    }
    const uint32_t above = bits - 0x3f3504f3u + 0x3f800000u;
    n += (int32_t)(above >> 23);
    const double m = (double)bc_f32_of_bits((above & 0x7fffffu) + 0x3f3504f3u);
    const double s = (m - 1.0) / (m + 1.0), z = s * s;
    double p = 1.0 / 17;
    for (int32_t k = 15; k > 0; k -= 2) {
        p = p * z + 1.0 / k;
    }
    return 2.0 * s * p + (double)n * 0.69314718055994530942;
}

/* e**t rounded to float32, |t| < 2**20; infinite or 0 where float32 is. t = n * ln 2 + r: the power series of r, and
 * 2**n in two factors. */
static BC_FUNCTION float bc_exp_f32_of_f64(double t)
{
    if (!(t > -104.0)) {
        return 0.0f;
    }
    if (t > 89.0) {
        return bc_f32_of_bits(0x7f800000u);
    }
    const int32_t n = bc_round_even_f32((float)(t * 1.44269504088896341));
    const double r = t - (double)n * 0.69314718055994530942;
    double p = 1.0;
    for (int32_t k = 12; k > 0; k--) {
        p = p * r / k + 1.0;
    }
    const int32_t half = n / 2;
    const double first = (double)bc_f32_of_bits((uint32_t)(half + 127) << 23);
    const double second = (double)bc_f32_of_bits((uint32_t)(n - half + 127) << 23);
    return (float)(p * first * second);
}

/* a**b as IEEE 754's pow: 1 where b is 0 or a is 1, NaN for a finite a below 0 and a b that is no integer.
 * At most 0.51 ULP. */
static BC_FUNCTION float bc_pow_f32(float a, float b)
{
    if (b == 0.0f || a == 1.0f) {
        return 1.0f;
    }
    if (a != a || b != b) {
        return a + b;
    }
    const float infinite = bc_f32_of_bits(0x7f800000u), size_b = b < 0.0f ? -b : b;
    const float size = bc_f32_of_bits(bc_bits_f32(a) & 0x7fffffffu);
    /* From 2**24 on every float32 is an even integer. */
    const int whole = size_b >= 16777216.0f || (float)(int32_t)b == b;
    const int odd = size_b < 16777216.0f && whole && ((int32_t)b & 1);
    float y;
    if (size_b == infinite) {
        y = size == 1.0f ? 1.0f : (size > 1.0f) == (b > 0.0f) ? infinite : 0.0f;
    } else if (size == 0.0f || size == infinite) {
        y = (size == 0.0f) == (b > 0.0f) ? 0.0f : infinite;
    } else if (a < 0.0f && !whole) {
        return bc_f32_of_bits(0x7fc00000u);
    } else {
        double t = (double)b * bc_log_f64_of_f32(size);
        t = t > 1000.0 ? 1000.0 : t < -1000.0 ? -1000.0 : t;
        y = bc_exp_f32_of_f64(t);
    }
    return odd && (bc_bits_f32(a) >> 31) ? -y : y;
}

#endif
