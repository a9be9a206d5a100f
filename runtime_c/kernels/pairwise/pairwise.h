/* SPDX-License-Identifier: 0BSD */
/*
 * pairwise: a function of two elements, then a clamp, with broadcasting.
 *
 *   void bc_pairwise_f32_<isa>(const bc_pairwise_params *p, const float *a, const float *b, float *y)
 *   void bc_pairwise_s8_<isa>(const bc_pairwise_params *p, const int8_t *a, const int8_t *b, int8_t *y)
 *   ... and for s16, s32, s64, bool (uint8_t, 0 or 1)
 *
 * y is contiguous, of extent0 * ... * extent4 elements; element (i0, ..., i4) is f(a[sum of i * a_stride], b[...]),
 * with strides in elements, or f(b, a) if `swapped`. y may begin where a does, or below it, if no a_stride of a
 * loop longer than 1 is 0; and b likewise.
 *
 * f32:  max, min (a > b ? a : b: a comparison with NaN is false), div, floor_div, floor_mod (bc_exact_f32.h),
 *       squared_difference, prelu (a >= 0 ? a : a * b), pow (bc_pow_f32.h), mod (bc_fmod_f32).
 * s32:  add, sub, mul, max, min, div, squared_difference. Overflow wraps; a / b drops the fraction; a / 0 is 0.
 * s64:  max, min; no clamp.      bool: and, or, xor; no clamp.
 * s8:   max, min of the stored numbers. The others are TensorFlow Lite's, with
 *       R(v, m, s) = bc_requantize(v, m, s, ties),
 *       where a and b are f's operands, whatever `swapped` says, less a_zero and b_zero:
 *   prelu:              y = clamp((a >= 0 ? R(a, y_mult, y_shift) : R(a * b, b_mult, b_shift)) + y_zero)
 *   squared_difference: d = R(a * 2**7, a_mult, a_shift) - R(b * 2**7, b_mult, b_shift);
 *                       y = clamp(R(d * d, y_mult, y_shift) + y_zero)
 *   div:                as bc_pairwise_s8_c_quotient says
 * s16:  the same without div; zero points are 0, and a squared difference has 2**0 in place of 2**7.
 */
#ifndef BC_PAIRWISE_H
#define BC_PAIRWISE_H

#include <stdint.h>

#include "barecast/bc.h"

enum {
    BC_PAIRWISE_ADD = 0,
    BC_PAIRWISE_SUB = 1,
    BC_PAIRWISE_MUL = 2,
    BC_PAIRWISE_MAX = 3,
    BC_PAIRWISE_MIN = 4,
    BC_PAIRWISE_DIV = 5,
    BC_PAIRWISE_FLOOR_DIV = 6,
    BC_PAIRWISE_FLOOR_MOD = 7,
    BC_PAIRWISE_SQUARED_DIFFERENCE = 8,
    BC_PAIRWISE_PRELU = 9,
    BC_PAIRWISE_AND = 10,
    BC_PAIRWISE_OR = 11,
    BC_PAIRWISE_XOR = 12,
    BC_PAIRWISE_POW = 13,
    BC_PAIRWISE_MOD = 14
};

typedef struct bc_pairwise_params {
    int32_t kind;    /* BC_PAIRWISE_... */
    int32_t swapped; /* whether a is the function's second operand */
    int32_t extent0; /* outermost loop */
    int32_t extent1;
    int32_t extent2;
    int32_t extent3;
    int32_t extent4;
    int32_t a_stride0;
    int32_t a_stride1;
    int32_t a_stride2;
    int32_t a_stride3;
    int32_t a_stride4;
    int32_t b_stride0;
    int32_t b_stride1;
    int32_t b_stride2;
    int32_t b_stride3;
    int32_t b_stride4;
    int32_t y_min; /* s8, s16 and s32: the clamp */
    int32_t y_max;
    float y_min_f; /* f32: the clamp; -FLT_MAX and FLT_MAX are no bounds */
    float y_max_f;
    int32_t a_zero; /* s8 and s16 but for max and min, as all below */
    int32_t b_zero;
    int32_t y_zero;
    int32_t a_mult;
    int32_t a_shift;
    int32_t b_mult;
    int32_t b_shift;
    int32_t y_mult;
    int32_t y_shift;
    int32_t ties;
} bc_pairwise_params;

#endif
