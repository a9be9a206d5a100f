/* SPDX-License-Identifier: 0BSD */
/*
 * rescale: linear functions of one integer, with a slope of their own for numbers below zero: requantisation between
 * 8, 16 and 32 bits, and Relu, leaky Relu and the absolute value of 16 bits. (Those of 8 bits are tables.)
 *
 *   void bc_rescale_<x>_<y>_<isa>(const bc_rescale_params *p, const int<x>_t *x, int<y>_t *y)
 *
 * x, y: p->size elements; y may be x where the types are equal. With v = x - x_zero, or |x - x_zero| if `absolute`:
 * y = clamp(bc_requantize(v, mult, shift, ties) + y_zero, y_min, y_max), with below_mult and below_shift where v < 0.
 * ties: one of TensorFlow Lite's.
 */
#ifndef BC_RESCALE_H
#define BC_RESCALE_H

#include <stdint.h>

#include "barecast/bc.h"
#include "barecast/bc_math.h"

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
    int32_t absolute;
    int32_t ties;
} bc_rescale_params;

/* One number. The difference wraps for int32. */
static BC_INLINE int32_t bc_rescale_one(const bc_rescale_params *p, int32_t x)
{
    int32_t value = (int32_t)((uint32_t)x - (uint32_t)p->x_zero);
    const int32_t below = !p->absolute && value < 0;
    if (p->absolute && value < 0) {
        value = -value;
    }
    value = bc_requantize(value, below ? p->below_mult : p->mult, below ? p->below_shift : p->shift, p->ties);
    /* y_zero lies between the bounds' types' ends, so the clamp comes first without overflow; for int32 y_zero is 0. */
    return bc_clamp_s32(value, p->y_min - p->y_zero, p->y_max - p->y_zero) + p->y_zero;
}

#endif
