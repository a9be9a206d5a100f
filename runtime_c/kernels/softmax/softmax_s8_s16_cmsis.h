/* SPDX-License-Identifier: 0BSD */
/*
 * softmax by CMSIS-NN: arm_softmax_s8_s16.
 *
 * No table: mult and shift turn steps of x into fixed-point exponents with 5 integer bits. Differences to the row's
 * maximum below -(2**5 - 1) count as probabilities of 0.
 */
#ifndef BC_SOFTMAX_S8_S16_CMSIS_H
#define BC_SOFTMAX_S8_S16_CMSIS_H

#include "arm_nnfunctions.h"
#include "barecast/bc_cmsis.h"
#include "barecast/softmax.h"

static BC_KERNEL void bc_softmax_s8_s16_cmsis(const bc_softmax_params *p, const int8_t *x, int16_t *y)
{
    arm_softmax_s8_s16(x, p->outer, p->extent, p->mult, p->shift, -((31 << 26) >> p->shift), y);
}

#endif
