/* SPDX-License-Identifier: 0BSD */
/*
 * quantize: real numbers to 8 or 16 bits with one scale, as ONNX's QuantizeLinear:
 * y = saturate(round_half_even(x / scale) + zero), all in float32. TensorFlow Lite rounds halves away from zero.
 *
 *   void bc_quantize_<dtype>_<isa>(const bc_quantize_params *p, const float *x, int8_t *y)
 *
 * <dtype> is y's: s8, u8 (then uint8_t *y) or s16 (int16_t *y). x, y: p->size elements; y may lie in x's first bytes.
 * NaN gives the zero point. The bytes are the same on every core: x / scale is IEEE 754's division.
 */
#ifndef BC_QUANTIZE_H
#define BC_QUANTIZE_H

#include <stdint.h>

#include "barecast/bc.h"
#include "barecast/bc_math.h"
#include "barecast/bc_math_f32.h"

typedef struct bc_quantize_params {
    int32_t size;   /* elements, >= 0 */
    int32_t y_zero; /* in y's range */
    int32_t ties;   /* BC_TIES_EVEN, or one of TensorFlow Lite's: halves away from zero */
    float scale;    /* > 0, finite */
} bc_quantize_params;

/* One number; low, high: the range of the type.
 * Comparisons are on the bits, which is as good as a float comparison and cheap without an FPU. */
static BC_INLINE int32_t bc_quantize_one(float x, float scale, int32_t zero, int32_t low, int32_t high, int32_t ties)
{
    const float steps = x / scale;
    const uint32_t bits = bc_bits_f32(steps);
    const uint32_t size = bits & 0x7fffffffu;
    int32_t q = bc_round_even_f32(steps);
    if (size >= 0x48000000u) { /* 131072 or more, infinite or NaN: beyond every range */
        q = size > 0x7f800000u ? 0 : bits >> 31 != 0 ? -131072 : 131072;
    } else if (ties >= BC_TIES_TFLITE) {
        q = bc_round_away_f32(steps);
    }
    q += zero;
    return q < low ? low : q > high ? high : q;
}

#endif
