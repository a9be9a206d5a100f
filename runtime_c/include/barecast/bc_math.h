/* SPDX-License-Identifier: 0BSD */
/*
 * The integer arithmetic of the kernels. barecast's documentation has it in prose (docs/numerics.md there).
 */
#ifndef BC_MATH_H
#define BC_MATH_H

#include <float.h>
#include <stdint.h>

#include "barecast/bc.h"

static BC_FUNCTION int32_t bc_clamp_s32(int32_t value, int32_t low, int32_t high)
{
    return value < low ? low : value > high ? high : value;
}

/* low = -FLT_MAX and high = FLT_MAX stand for no bound, so that infinities pass. NaN passes always. */
static BC_FUNCTION float bc_clamp_f32(float value, float low, float high)
{
    if (low > -FLT_MAX && value < low) {
        value = low;
    }
    if (high < FLT_MAX && value > high) {
        value = high;
    }
    return value;
}

#if defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB == 1 && !defined(BC_NO_LONG_MULTIPLY)
#define BC_NO_LONG_MULTIPLY
#endif

#if defined(BC_NO_LONG_MULTIPLY)
/*
 * floor(a * b / 2**16) as high * 2**16 + middle with |middle| < 2**31 - 2**15. Cores with Thumb-1 only (v6-M, v8-M
 * baseline) have no long multiply: here it is put together from four products of 16-bit halves, after Knuth (TAOCP 2,
 * 4.3.1, algorithm M).
 */
typedef struct {
    int32_t high, middle;
} bc_long_product;

static BC_FUNCTION bc_long_product bc_multiply_long(int32_t a, int32_t b)
{
    const int32_t a_low = a & 0xffff, a_high = a >> 16;
    const int32_t b_low = b & 0xffff, b_high = b >> 16;
    /* Products have a factor of 16 bits and one of 15 bits and sign, but for the lowest, which is unsigned. */
    const uint32_t low = (uint32_t)a_low * (uint32_t)b_low;
    const int32_t cross = a_high * b_low + (int32_t)(low >> 16);
    const bc_long_product product = {a_high * b_high + (cross >> 16), a_low * b_high + (cross & 0xffff)};
    return product;
}
#endif

/* floor(a * b / 2**32) */
static BC_FUNCTION int32_t bc_mulh_s32(int32_t a, int32_t b)
{
#if defined(BC_NO_LONG_MULTIPLY)
    const bc_long_product product = bc_multiply_long(a, b);
    return product.high + (product.middle >> 16);
#else
    return (int32_t)(((int64_t)a * b) >> 32);
#endif
}

/*
 * `ties` of the params structs: how a step rounds. The first two are ONNX's (see bc_requantize), the others
 * TensorFlow Lite's: gemmlowp's double rounding, or its multipliers with one rounding, halves up. Under those
 * the multipliers of a step with one per channel are followed by as many shifts. The last is either rule's for
 * 64-bit accumulators (int16 activations): multipliers of 15 bits, one rounding, halves up.
 */
enum { BC_TIES_UP = 0, BC_TIES_EVEN = 1, BC_TIES_TFLITE = 2, BC_TIES_TFLITE_SINGLE = 3, BC_TIES_TFLITE_WIDE = 4 };

/* The shift of channel o of out_c. */
static BC_FUNCTION int32_t bc_channel_shift(
    const int32_t *mult, int32_t o, int32_t out_c, int32_t per_channel, int32_t shift, int32_t ties)
{
    return ties >= BC_TIES_TFLITE && per_channel ? mult[out_c + o] : shift;
}

/* 2 * a * b / 2**32 to the nearest integer, halves up; a and b are not both INT32_MIN. */
static BC_FUNCTION int32_t bc_double_high(int32_t a, int32_t b)
{
#if defined(BC_NO_LONG_MULTIPLY)
    /* floor(product / 2**31 + 1/2) = floor((floor(product / 2**16) + 2**14) / 2**15) */
    const bc_long_product product = bc_multiply_long(a, b);
    return (int32_t)(2u * (uint32_t)product.high + (uint32_t)((product.middle + (1 << 14)) >> 15));
#else
    return (int32_t)(((int64_t)a * b + ((int64_t)1 << 30)) >> 31);
#endif
}

/* value / 2**exponent to the nearest integer, halves away from zero. 0 <= exponent <= 31, value > INT32_MIN. */
static BC_FUNCTION int32_t bc_divide_by_power(int32_t value, int32_t exponent)
{
    /* floor((value - (value < 0) + 2**(exponent - 1)) / 2**exponent), in two shifts so that no sum overflows. */
    return exponent == 0 ? value : (((value + (value >> 31)) >> (exponent - 1)) + 1) >> 1;
}

/* acc * multiplier / 2**shift, rounded twice, as TensorFlow Lite does; bits beyond 32 on the left get lost. */
static BC_FUNCTION int32_t bc_requantize_twice(int32_t acc, int32_t multiplier, int32_t shift)
{
    if (shift < 31) {
        acc = (int32_t)((uint32_t)acc << (31 - shift));
    }
    const int32_t high = bc_double_high(acc, multiplier);
    return bc_divide_by_power(high, shift < 31 ? 0 : shift - 31);
}

/* Whether acc * multiplier / 2**shift is half way between two integers, or within 2**-14 of it. */
static BC_FUNCTION int bc_is_half(int32_t acc, int32_t multiplier, int32_t shift)
{
    const int64_t window = shift >= 14 ? (int64_t)1 << (shift - 14) : 0;
    const int64_t moved = (int64_t)acc * multiplier + ((int64_t)1 << (shift - 1)) + window;
    return (moved & (((int64_t)1 << shift) - 1)) <= 2 * window;
}

/* value / 2**shift to the nearest integer, halves to even. value < 2**63. */
static BC_FUNCTION uint64_t bc_shift_even(uint64_t value, int32_t shift)
{
    return shift == 0 ? value : (value + (((uint64_t)1 << (shift - 1)) - 1u) + ((value >> shift) & 1u)) >> shift;
}

/* product / 2**shift by way of float32, with its 24 bits: halves to even both times. */
static BC_FUNCTION int64_t bc_round_float_product(int64_t product, int32_t shift)
{
    const uint64_t size = product < 0 ? (uint64_t)0 - (uint64_t)product : (uint64_t)product;
    int32_t drop = 0;
    while ((size >> drop) >> 24 != 0) {
        drop++;
    }
    const int64_t steps = (int64_t)bc_shift_even(bc_shift_even(size, drop) << drop, shift);
    return product < 0 ? -steps : steps;
}

/*
 * acc * multiplier / 2**shift to the nearest integer. multiplier >= 0, 1 <= shift <= 62.
 * ties: 0, halves go up; 1, what lies within 2**-14 of a half goes where the float32 product of acc and
 * multiplier / 2**shift would go, halves to even.
 *       BC_TIES_TFLITE, BC_TIES_TFLITE_SINGLE as said there.
 * Results beyond +-2**30 (possible with shift < 32 only) become +-2**30.
 *
 * |acc * multiplier| <= 2**62, half of the step <= 2**61 and the window <= 2**48: no sum overflows 64 bits.
 */
static BC_FUNCTION int32_t bc_requantize(int32_t acc, int32_t multiplier, int32_t shift, int32_t ties)
{
    if (ties == BC_TIES_TFLITE) {
        return bc_requantize_twice(acc, multiplier, shift);
    }
    if (ties == BC_TIES_TFLITE_SINGLE) {
        return (int32_t)(((int64_t)acc * multiplier + ((int64_t)1 << (shift - 1))) >> shift);
    }
    if (!ties && shift >= 33) {
        /*
         * The product is high * 2**32 + low with 0 <= low < 2**32, and the half is a multiple of 2**32, so
         * low never carries: floor((product + 2**(shift - 1)) / 2**shift)
         *     = floor((high + 2**(shift - 33) + low / 2**32) / 2**(shift - 32))
         *     = floor((high + 2**(shift - 33)) / 2**(shift - 32)), since low / 2**32 < 1.
         * |high| <= 2**30 and 2**(shift - 33) <= 2**29: no overflow either.
         */
        return (bc_mulh_s32(acc, multiplier) + ((int32_t)1 << (shift - 33))) >> (shift - 32);
    }
    const int64_t product = (int64_t)acc * multiplier;
    int64_t rounded = (product + ((int64_t)1 << (shift - 1))) >> shift;
    if (ties && bc_is_half(acc, multiplier, shift)) {
        rounded = bc_round_float_product(product, shift);
    }
    if (shift < 32) {
        const int64_t most = (int64_t)1 << 30;
        rounded = rounded < -most ? -most : rounded > most ? most : rounded;
    }
    return (int32_t)rounded;
}

/* The last lines of every integer kernel: requantise, add the zero point, clamp. */
static BC_FUNCTION int8_t bc_requantize_s8(
    int32_t acc, int32_t multiplier, int32_t shift, int32_t ties, int32_t zero, int32_t low, int32_t high)
{
    const int32_t value = bc_requantize(acc, multiplier, shift, ties) + zero;
#if defined(__ARM_FEATURE_SAT) && defined(__GNUC__)
    /* One instruction that compilers miss where the bounds are loop invariants. */
    if (low == INT8_MIN && high == INT8_MAX) {
        return (int8_t)(int32_t)__builtin_arm_ssat(value, 8);
    }
#endif
    return (int8_t)bc_clamp_s32(value, low, high);
}

/*
 * The same for int16 activations. ties BC_TIES_TFLITE_WIDE: |acc| < 2**47, multiplier < 2**15, 8 <= shift <= 46,
 * and a quotient beyond 32 bits wraps; else acc fits 32 bits. low <= zero <= high.
 */
static BC_FUNCTION int16_t bc_requantize_s16(
    int64_t acc, int32_t multiplier, int32_t shift, int32_t ties, int32_t zero, int32_t low, int32_t high)
{
    const int32_t value = ties == BC_TIES_TFLITE_WIDE
        ? (int32_t)((acc * multiplier + ((int64_t)1 << (shift - 1))) >> shift)
        : bc_requantize((int32_t)acc, multiplier, shift, ties);
    return (int16_t)(bc_clamp_s32(value, low - zero, high - zero) + zero);
}

#endif
