/* SPDX-License-Identifier: 0BSD */
/*
 * binary by CMSIS-NN: arm_elementwise_add_s8 and arm_elementwise_mul_s8, of two whole tensors.
 *
 * Elements are taken in order and read before they are written, so y may be a.
 */
#ifndef BC_BINARY_S8_CMSIS_H
#define BC_BINARY_S8_CMSIS_H

#include "arm_nnfunctions.h"
#include "barecast/bc_cmsis.h"
#include "barecast/binary.h"

static BC_KERNEL void bc_binary_s8_cmsis(const bc_binary_params *p, const int8_t *a, const int8_t *b,
                                         int8_t *y)
{
    const int32_t size = p->extent0 * p->extent1 * p->extent2 * p->extent3 * p->extent4;
    if (p->kind == BC_BINARY_MUL) {
        BC_CMSIS(arm_elementwise_mul_s8(a, b, -p->a_zero, -p->b_zero, y, p->y_zero, p->y_mult, 31 - p->shift, p->y_min,
                                        p->y_max, size));
    } else {
        BC_CMSIS(arm_elementwise_add_s8(a, b, -p->a_zero, p->a_mult, 31 - p->a_shift, -p->b_zero, p->b_mult,
                                        31 - p->b_shift, 20, y, p->y_zero, p->y_mult, 31 - p->shift, p->y_min,
                                        p->y_max, size));
    }
}

#endif
