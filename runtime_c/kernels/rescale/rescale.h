/* SPDX-License-Identifier: 0BSD */
/*
 * rescale: linear functions of one integer, with a slope of their own for numbers below zero: requantisation between
 * 8, 16 and 32 bits, and Relu, leaky Relu and the absolute value of 16 bits. (Those of 8 bits are tables.)
 *
 *   void bc_rescale_<x>_<y>_<isa>(const bc_rescale_params *p, const int<x>_t *x, int<y>_t *y)
 *
 * x, y: p->size elements; y may be x where the types are equal. With v = x - x_zero:
 * y = clamp(bc_requantize(v, mult, shift, ties) + y_zero, y_min, y_max), and where v < 0 in its place
 * BC_RESCALE_SLOPES, bc_requantize(v, below_mult, below_shift, ties); BC_RESCALE_TURNED, less that;
 * BC_RESCALE_ABSOLUTE, bc_requantize(-v, mult, shift, ties).
 * ties: one of TensorFlow Lite's, or BC_TIES_UP (averages from row_sums).
 */
#ifndef BC_RESCALE_H
#define BC_RESCALE_H

#include <stdint.h>

#include "barecast/bc.h"
#include "barecast/bc_math.h"

enum { BC_RESCALE_SLOPES = 0, BC_RESCALE_TURNED = 1, BC_RESCALE_ABSOLUTE = 2 };

typedef struct bc_rescale_params {
    int32_t size; /* elements, >= 0 */
    int32_t x_zero;
    int32_t y_zero;
    int32_t y_min;
    int32_t y_max;
    int32_t mult;
    int32_t shift;
    int32_t below_mult;
    int32_t below_shift;
    int32_t below; /* BC_RESCALE_...: what numbers below zero become */
    int32_t ties;
} bc_rescale_params;

/* One number. The difference wraps for int32. */
static BC_INLINE int32_t bc_rescale_one(const bc_rescale_params *p, int32_t x)
{
    int32_t value = (int32_t)((uint32_t)x - (uint32_t)p->x_zero);
    if (value >= 0 || p->below == BC_RESCALE_ABSOLUTE) {
        value = bc_requantize(value < 0 ? -value : value, p->mult, p->shift, p->ties);
    } else {
        value = bc_requantize(value, p->below_mult, p->below_shift, p->ties);
        value = p->below == BC_RESCALE_TURNED ? -value : value;
    }
    /* y_zero lies between the bounds' types' ends, so the clamp comes first without overflow; for int32 y_zero is 0. */
    return bc_clamp_s32(value, p->y_min - p->y_zero, p->y_max - p->y_zero) + p->y_zero;
}

#endif
