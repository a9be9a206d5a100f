/* SPDX-License-Identifier: 0BSD */
#ifndef BC_DEQUANTIZE_AXIS_S32_C_H
#define BC_DEQUANTIZE_AXIS_S32_C_H

#include "barecast/dequantize_axis.h"

static BC_KERNEL void bc_dequantize_axis_s32_c(const bc_dequantize_axis_params *p, const int32_t *x,
                                              const float *scale, const int32_t *zero, float *y)
{
    for (int32_t outer = 0; outer < p->outer; outer++) {
        for (int32_t slice = 0; slice < p->extent; slice++) {
            for (int32_t i = 0; i < p->inner; i++) {
                *y++ = bc_dequantize_one(*x++, scale[slice], zero[slice]);
            }
        }
    }
}

#endif
