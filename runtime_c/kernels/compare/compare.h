/* SPDX-License-Identifier: 0BSD */
/*
 * compare: y = a < b and the other comparisons, 1 where it holds and 0 elsewhere, with broadcasting.
 *
 *   void bc_compare_f32_<isa>(const bc_compare_params *p, const float *a, const float *b, uint8_t *y)
 *   ... and for s8, s32, s64, bool (uint8_t, 0 or 1)
 *
 * y is contiguous, of extent0 * ... * extent4 elements; element (i0, ..., i4) reads a[sum of i * a_stride] and b
 * likewise, with strides in elements. y may begin where a does, or below it, if no a_stride of a loop
 * longer than 1 is 0; and b likewise. A comparison with NaN is false, but for NOT_EQUAL.
 *
 * s8: with ties 0 the stored numbers are compared, which must have one quantisation. Else, TensorFlow Lite's way, what
 * they stand for with 8 fraction bits: bc_requantize((a - a_zero) * 256, a_mult, a_shift, ties), and b likewise.
 */
#ifndef BC_COMPARE_H
#define BC_COMPARE_H

#include <stdint.h>

#include "barecast/bc.h"

enum {
    BC_COMPARE_EQUAL = 0,
    BC_COMPARE_NOT_EQUAL = 1,
    BC_COMPARE_LESS = 2,
    BC_COMPARE_LESS_EQUAL = 3,
    BC_COMPARE_GREATER = 4,
    BC_COMPARE_GREATER_EQUAL = 5
};

/* 1 if the comparison holds for two numbers of one type, else 0. */
#define BC_COMPARE(kind, a, b)                                \
    ((uint8_t)((kind) == BC_COMPARE_EQUAL        ? (a) == (b) \
               : (kind) == BC_COMPARE_NOT_EQUAL  ? (a) != (b) \
               : (kind) == BC_COMPARE_LESS       ? (a) < (b)  \
               : (kind) == BC_COMPARE_LESS_EQUAL ? (a) <= (b) \
               : (kind) == BC_COMPARE_GREATER    ? (a) > (b)  \
                                                 : (a) >= (b)))

typedef struct bc_compare_params {
    int32_t kind;    /* BC_COMPARE_... */
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
    int32_t a_zero; /* s8, as all below */
    int32_t b_zero;
    int32_t a_mult;
    int32_t a_shift;
    int32_t b_mult;
    int32_t b_shift;
    int32_t ties;
} bc_compare_params;

#endif
