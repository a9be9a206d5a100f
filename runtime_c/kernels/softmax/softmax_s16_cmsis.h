/* SPDX-License-Identifier: 0BSD */
/*
 * softmax by CMSIS-NN: arm_softmax_s16. table as bc_softmax_s16_c has it.
 */
#ifndef BC_SOFTMAX_S16_CMSIS_H
#define BC_SOFTMAX_S16_CMSIS_H

#include "arm_nnfunctions.h"
#include "barecast/bc_cmsis.h"
#include "barecast/softmax.h"

static BC_KERNEL void bc_softmax_s16_cmsis(const bc_softmax_params *p, const int16_t *x, const int16_t *table,
                                           int16_t *y)
{
    const cmsis_nn_softmax_lut_s16 tables = { table, table + 513 };
    BC_CMSIS(arm_softmax_s16(x, p->outer, p->extent, p->mult, 31 - p->shift, &tables, y));
}

#endif
