/* SPDX-License-Identifier: 0BSD */
/*
 * sigmoid: the logistic function and tanh of int16, by interpolation in a table. (Those of 8 bits are tables, those of
 * float32 belong to unary.)
 *
 *   void bc_sigmoid_s16_<isa>(const bc_sigmoid_params *p, const int16_t *x, const int16_t *table, int16_t *y)
 *
 * x, y: p->size elements, zero points 0, y in steps of 2**-15; y may be x. table: see bc_curves16.h.
 * (x * mult + 2**(shift - 1)) / 2**shift, rounded down (no rounding term if shift is 0), is what is looked up there:
 * x in steps of 1 / 12288 real units. |x * mult| <= 2**30, 0 <= shift <= 31.
 */
#ifndef BC_SIGMOID_H
#define BC_SIGMOID_H

#include <stdint.h>

#include "barecast/bc.h"

typedef struct bc_sigmoid_params {
    int32_t size; /* elements, >= 0 */
    int32_t is_tanh;
    int32_t mult;
    int32_t shift;
} bc_sigmoid_params;

#endif
