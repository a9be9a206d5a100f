/* SPDX-License-Identifier: 0BSD */
/*
 * binary: a + b, a - b, b - a or a * b, then a clamp, with broadcasting.
 *
 *   void bc_binary_f32_<isa>(const bc_binary_params *p, const float *a, const float *b, float *y)
 *   void bc_binary_s8_<isa>(const bc_binary_params *p, const int8_t *a, const int8_t *b, int8_t *y)
 *   void bc_binary_s16_<isa>(const bc_binary_params *p, const int16_t *a, const int16_t *b, int16_t *y)
 *
 * y is contiguous, of extent0 * ... * extent4 elements; element (i0, ..., i4) reads a[sum of i * a_stride] and b
 * likewise, with strides in elements. The last loop that is longer than 1 has strides of 0 and 1 only.
 * y may begin where a does, or below it, if no a_stride of a loop longer than 1 is 0; and b likewise.
 *
 * s8, exactly, with halves rounded up:
 *   mul:           y = clamp(round((a - a_zero) * (b - b_zero) * a_mult / 2**shift) + y_zero); b_mult is unused
 *   add and subs:  y = clamp(round(((a - a_zero) * a_mult + (b - b_zero) * b_mult) / 2**shift) + y_zero),
 * where the multipliers of the subs have the signs. Unless `wide`, the sum is in int32: bias holds the zero points,
 * the rounding constant (and the window of `ties`) and y_zero * 2**shift, so that y = (a * a_mult + b * b_mult +
 * bias) >> shift. Nothing overflows, because 255 * (|a_mult| + |b_mult|) + 2**(shift - 1) + window + 256 * 2**shift
 * < 2**31. `wide`: the sum is in int64, bias is unused, and ties are not looked for.
 * `ties`: where the result before y_zero is a half (within 2**-14, and 256 / 2**shift more for add and subs, whose
 * multipliers are rounded), float32 decides, rounded to even:
 *   not fused:     a_scale * (a - a_zero) op b_scale * (b - b_zero), / y_scale, rounded, + y_zero
 *   fused mul:     (a - a_zero) * (b - b_zero) * a_scale + y_offset, rounded, - y_back
 *   fused add:     fma(a + y_back, a_scale + a_rest, fma(b + y_back, b_scale + b_rest, y_offset)), rounded, - y_back;
 *                  with a_first a and b change places. fma is bc_fma_byte_f32.
 * TensorFlow Lite's rules (ties >= BC_TIES_TFLITE), with R(v, m, s) = bc_requantize(v, m, s, ties):
 *   mul:           y = clamp(R((a - a_zero) * (b - b_zero), y_mult, shift) + y_zero)
 *   add and subs:  y = clamp(R(R((a - a_zero) * 2**20, a_mult, a_shift) +- R((b - b_zero) * 2**20, b_mult, b_shift),
 *                              y_mult, shift) + y_zero)
 * s16 has TensorFlow Lite's rules only: zero points are 0, and the sums have 2**15 in place of 2**20.
 */
#ifndef BC_BINARY_H
#define BC_BINARY_H

#include <stdint.h>

#include "barecast/bc.h"

enum { BC_BINARY_ADD = 0, BC_BINARY_SUB = 1, BC_BINARY_MUL = 2, BC_BINARY_REVERSED_SUB = 3 };

typedef struct bc_binary_params {
    int32_t kind;    /* BC_BINARY_... */
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
    int32_t a_zero; /* s8 and s16, as all below but the last two */
    int32_t b_zero;
    int32_t y_zero;
    int32_t y_min;
    int32_t y_max;
    int32_t a_mult;
    int32_t b_mult;
    int32_t bias;
    int32_t shift;
    int32_t ties;
    int32_t wide;
    int32_t a_shift; /* TensorFlow Lite's rules only, as the next two */
    int32_t b_shift;
    int32_t y_mult;
    float y_min_f; /* f32: the clamp; -FLT_MAX and FLT_MAX are no bounds */
    float y_max_f;
    int32_t fused; /* s8 with ties, as all below */
    int32_t a_first;
    int32_t y_back;
    float a_scale;
    float a_rest;
    float b_scale;
    float b_rest;
    float y_scale;
    float y_offset;
} bc_binary_params;

#endif
