/* SPDX-License-Identifier: 0BSD */
/*
 * Fixed-point functions of TensorFlow Lite's integer kernels. barecast's documentation has them in prose
 * (docs/numerics.md there). Only what depends on more than one byte is computed on the target: the rest are tables.
 */
#ifndef BC_FIXED_POINT_H
#define BC_FIXED_POINT_H

#include "barecast/bc_math.h"

/* value * 4, saturating. */
static BC_FUNCTION int32_t bc_times_four(int32_t value)
{
    return value > INT32_MAX / 4 ? INT32_MAX : value < INT32_MIN / 4 ? INT32_MIN : value * 4;
}

/*
 * 1 / (1 + a) for 0 <= a < 1, both with 31 fraction bits: three steps of Newton's method from the line
 * 48/17 - 32/17 * d, with d = (1 + a) / 2 and 29 fraction bits.
 */
static BC_FUNCTION int32_t bc_reciprocal(int32_t a)
{
    const int32_t half = (int32_t)(((int64_t)a + INT32_MAX + 1) >> 1);
    int32_t x = 1515870810 + bc_double_high(half, -1010580540);
    for (int32_t i = 0; i < 3; ++i) {
        x += bc_times_four(bc_double_high(x, ((int32_t)1 << 29) - bc_double_high(half, x)));
    }
    return x > INT32_MAX / 2 ? INT32_MAX : x * 2;
}

/* value * 2**exponent, saturating; exponent 0 to 31. */
static BC_FUNCTION int32_t bc_times_power(int32_t value, int32_t exponent)
{
    const int64_t wide = (int64_t)value * ((int64_t)1 << exponent);
    return wide > INT32_MAX ? INT32_MAX : wide < INT32_MIN ? INT32_MIN : (int32_t)wide;
}

/* The zeros in front of the first bit that is set, in a word. */
static BC_FUNCTION int32_t bc_leading_zeros(int32_t value)
{
#if defined(__ARM_FEATURE_CLZ) && defined(__GNUC__)
    return value == 0 ? 32 : __builtin_clz((uint32_t)value);
#else
    if (value == 0) {
        return 32;
    }
    int32_t zeros = 0;
    for (; value >= 0; value = (int32_t)((uint32_t)value << 1)) {
        zeros++;
    }
    return zeros;
#endif
}

/*
 * 1 / sqrt(value) = result / 2**(31 + *right), for value >= 0; 0 counts as 1. Five steps of Newton's method from 1, on
 * numbers with 3 integer bits.
 */
static BC_FUNCTION int32_t bc_inverse_sqrt(int32_t value, int32_t *right)
{
    *right = 0;
    if (value <= 1) {
        return INT32_MAX;
    }
    int32_t shift = 11;
    while (value >= (int32_t)1 << 29) {
        value /= 4;
        shift++;
    }
    const int32_t pairs = (bc_leading_zeros(value) - 1) / 2 - 1;
    shift -= pairs;
    value = (int32_t)((uint32_t)value << (2 * pairs));
    const int32_t half = bc_divide_by_power(value >> 1, 1);
    int32_t x = (int32_t)1 << 28;
    for (int32_t i = 0; i < 5; ++i) {
        const int32_t cube = bc_times_power(bc_double_high(bc_double_high(x, x), x), 6);
        x = bc_times_power(bc_double_high(3 * ((int32_t)1 << 27), x) - bc_double_high(half, cube), 3);
    }
    const int32_t result = bc_double_high(x, 1518500250); /* sqrt(2) / 2 */
    if (shift < 0) {
        return (int32_t)((uint32_t)result << -shift);
    }
    *right = shift;
    return result;
}

/*
 * log(z) with 26 fraction bits, for z of 1 and more with 19: z = 2**n * r with r between the roots of 1/2 and 1 (by two
 * candidates, of which the smaller r is taken), and a rational function of r.
 */
static BC_FUNCTION int32_t bc_log_above_one(int32_t z)
{
    const int32_t half_root = 1518500250, quarter_root = 1805811301, quarter = (int32_t)1 << 23;
    const int32_t zeros_a = bc_leading_zeros(z);
    const int32_t r_a = bc_times_power(bc_double_high(bc_times_power(z, zeros_a - 1), half_root), 1);
    const int32_t power_a = (12 - zeros_a) * ((int32_t)1 << 25) + quarter;
    const int32_t zeros_b = bc_leading_zeros(bc_double_high(z, half_root)) - 1;
    const int32_t r_b = bc_times_power(z, zeros_b);
    const int32_t power_b = (12 - zeros_b) * ((int32_t)1 << 25) - quarter;
    const int32_t r = r_a < r_b ? r_a : r_b, power = power_a > power_b ? power_a : power_b;
    const int32_t p = (int32_t)(((int64_t)r + quarter_root + 1) / 2);
    const int32_t q = 2 * (r - quarter_root), square = bc_double_high(q, q);
    const int32_t above = bc_double_high(q, r) + bc_double_high(bc_double_high(q, square), 117049297);
    const int32_t below =
        bc_double_high(p, 1057819769 + q + bc_double_high(127690142, square)) + bc_double_high(638450708, q);
    const int32_t fraction = bc_double_high(bc_divide_by_power(above, 6), bc_reciprocal(below));
    return bc_times_power(bc_double_high(power, 1488522236) + fraction, 1);
}

#endif
