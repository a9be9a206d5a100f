/* SPDX-License-Identifier: 0BSD */
/*
 * softmax: exp(beta * x) / sum(exp(beta * x)) over each row.
 *
 *   void bc_softmax_f32_<isa>(const bc_softmax_params *p, const float *x, float *y)
 *   void bc_softmax_s8_<isa>(const bc_softmax_params *p, const int8_t *x, const int32_t *table, int8_t *y)
 *   void bc_softmax_s8_s16_<isa>(const bc_softmax_params *p, const int8_t *x, const int32_t *table, int16_t *y)
 *   void bc_softmax_s16_<isa>(const bc_softmax_params *p, const int16_t *x, const int16_t *table, int16_t *y)
 *
 * x, y: [outer, extent, inner], contiguous; a row is the `extent` elements that lie `inner` apart. y may be x.
 * table: 256 entries, table[d] = round(exp(-d * scale of x) * 2**k), with extent * 2**k < 2**32.
 * s8, exactly: sum = sum over the row of table[max - x]; factor = floor(mult * 2**32 / sum);
 * y = clamp(round(table[max - x] * factor / 2**shift) + y_zero, y_min, y_max), where what is within 2**-14 of a
 * half is rounded as by bc_round_float_product, and mult / 2**(shift - 32) = 1 / scale of y. The products fit 63
 * bits: table[d] <= sum and mult < 2**31.
 * TensorFlow Lite's rules (ties >= BC_TIES_TFLITE): table[d] has 31 fraction bits; it holds what mult / 2**(31 - shift)
 * makes of a step of x (0 to 31; only bc_softmax_*_cmsis read both, and take no table);
 * sum = sum over the row of table[max - x] / 2**12, each rounded; the rest as bc_softmax_s8_c_row_tflite says.
 *
 * s8_s16: as s8 under TensorFlow Lite's rules, y in steps of 2**-16; x and y do not overlap.
 * s16 (TensorFlow Lite's rules): zero points are 0, y is in steps of 2**-15; table has twice 513 entries, exp(d) for d
 * from -10 to 0 and 1 / (1 + a) for a from 0 to 1, each in steps of 2**-15 over the range of int16. With
 * d = bc_requantize(x - max, mult, shift, ties) in steps of 10 / 65535, not below -65535, and the exponentials' sum
 * 2**(32 - zeros) * (1 + a) / 2: y = exp(d) * (1 / (1 + a)) / 2**(31 - zeros), halves up. extent <= 65536.
 */
#ifndef BC_SOFTMAX_H
#define BC_SOFTMAX_H

#include <stdint.h>

#include "barecast/bc.h"

typedef struct bc_softmax_params {
    int32_t outer;
    int32_t extent;
    int32_t inner;
    int32_t mult;  /* s8 and s16 only, as all below: 0 <= mult < 2**31 */
    int32_t shift; /* s8: 32 to 62, TensorFlow Lite's 0 to 31; s16: 1 to 62 */
    int32_t y_zero;
    int32_t y_min; /* at most y_zero */
    int32_t y_max; /* at least y_zero */
    int32_t ties; /* BC_TIES_EVEN, or one of TensorFlow Lite's */
    float beta;   /* f32: what x is multiplied by; in the table of s8 and s16 */
} bc_softmax_params;

#endif
