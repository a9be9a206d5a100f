/* SPDX-License-Identifier: 0BSD */
/*
 * Fixed-point functions of TensorFlow Lite's integer kernels, twin of sdk/barecast/fixed_point.py. Only what
 * depends on more than one byte is computed on the target: the rest are tables.
 */
#ifndef BC_FIXED_POINT_H
#define BC_FIXED_POINT_H

#include "barecast/bc_math.h"

/* value * 4, saturating. */
static inline int32_t bc_times_four(int32_t value)
{
    return value > INT32_MAX / 4 ? INT32_MAX : value < INT32_MIN / 4 ? INT32_MIN : value * 4;
}

/*
 * 1 / (1 + a) for 0 <= a < 1, both with 31 fraction bits: three steps of Newton's method from the line
 * 48/17 - 32/17 * d, with d = (1 + a) / 2 and 29 fraction bits.
 */
static inline int32_t bc_reciprocal(int32_t a)
{
    const int32_t half = (int32_t)(((int64_t)a + INT32_MAX + 1) >> 1);
    int32_t x = 1515870810 + bc_double_high(half, -1010580540);
    for (int32_t i = 0; i < 3; ++i) {
        x += bc_times_four(bc_double_high(x, ((int32_t)1 << 29) - bc_double_high(half, x)));
    }
    return x > INT32_MAX / 2 ? INT32_MAX : x * 2;
}

#endif
