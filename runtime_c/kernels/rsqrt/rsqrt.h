/* SPDX-License-Identifier: 0BSD */
/*
 * rsqrt: 1 / sqrt(x) of int16. (That of 8 bits is a table, that of float32 belongs to unary.)
 *
 *   void bc_rsqrt_s16_<isa>(const bc_rsqrt_params *p, const int16_t *x, int16_t *y)
 *
 * x, y: p->size elements, zero points 0; y may be x. The root of an x above 0 with BC_RSQRT_BITS fraction bits is
 * bc_requantize(1, root, ...) of bc_inverse_sqrt(x); y = bc_requantize(that, mult, shift, ties), clamped to 16 bits,
 * 21 <= shift <= 62. y = 32767 for other x.
 */
#ifndef BC_RSQRT_H
#define BC_RSQRT_H

#include <stdint.h>

#include "barecast/bc.h"

enum { BC_RSQRT_BITS = 20 };

typedef struct bc_rsqrt_params {
    int32_t size; /* elements, >= 0 */
    int32_t mult;
    int32_t shift;
    int32_t ties;
} bc_rsqrt_params;

#endif
