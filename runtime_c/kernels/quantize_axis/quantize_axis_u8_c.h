/* SPDX-License-Identifier: 0BSD */
#ifndef BC_QUANTIZE_AXIS_U8_C_H
#define BC_QUANTIZE_AXIS_U8_C_H

#include "barecast/quantize_axis.h"

static BC_KERNEL void bc_quantize_axis_u8_c(const bc_quantize_axis_params *p, const float *x, const float *scale,
                                           const int32_t *zero, uint8_t *y)
{
    for (int32_t outer = 0; outer < p->outer; outer++) {
        for (int32_t slice = 0; slice < p->extent; slice++) {
            for (int32_t i = 0; i < p->inner; i++) {
                *y++ = (uint8_t)bc_quantize_one(*x++, scale[slice], zero[slice], 0, 255, BC_TIES_EVEN);
            }
        }
    }
}

#endif
