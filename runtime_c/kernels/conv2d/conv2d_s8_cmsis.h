/* SPDX-License-Identifier: 0BSD */
/*
 * conv2d by CMSIS-NN: arm_convolve_wrapper_s8.
 *
 * bias [out_c] has no zero points folded in; mult and shift [out_c], also where the model has one for all;
 * scratch: arm_convolve_wrapper_s8_get_buffer_size bytes, null if that is 0.
 */
#ifndef BC_CONV2D_S8_CMSIS_H
#define BC_CONV2D_S8_CMSIS_H

#include "arm_nnfunctions.h"
#include "barecast/bc_cmsis.h"
#include "barecast/bc_conv2d_cmsis.h"
#include "barecast/conv2d.h"

static BC_KERNEL void bc_conv2d_s8_cmsis(const bc_conv2d_params *p, const int8_t *x, const int8_t *w,
                                         const int32_t *bias, const int32_t *mult, const int32_t *shift,
                                         int8_t *y, void *scratch)
{
    const bc_conv2d_cmsis told = bc_conv2d_cmsis_of(p, mult, shift, scratch);
    BC_CMSIS(arm_convolve_wrapper_s8(&told.context, &told.params, &told.factors, &told.in, x, &told.filter, w,
                                     &told.bias, bias, &told.out, y));
}

#endif
