/* SPDX-License-Identifier: 0BSD */
/*
 * conv2d by CMSIS-NN: arm_convolve_wrapper_s16.
 *
 * bias [out_c] has no zero points folded in; mult and shift [out_c], also where the model has one for all;
 * scratch: arm_convolve_wrapper_s16_get_buffer_size bytes, null if that is 0.
 * mult under BC_TIES_TFLITE_WIDE: the upper 15 bits are the multiplier.
 */
#ifndef BC_CONV2D_S16_CMSIS_H
#define BC_CONV2D_S16_CMSIS_H

#include "arm_nnfunctions.h"
#include "barecast/bc_cmsis.h"
#include "barecast/bc_conv2d_cmsis.h"
#include "barecast/bc_math.h"
#include "barecast/conv2d.h"

static BC_KERNEL void bc_conv2d_s16_cmsis(const bc_conv2d_params *p, const int16_t *x, const int8_t *w,
                                          const void *bias, const int32_t *mult, const int32_t *shift,
                                          int16_t *y, void *scratch)
{
    const bc_conv2d_cmsis told = bc_conv2d_cmsis_of(p, mult, shift, scratch);
    /* Under BC_TIES_TFLITE_WIDE the bias has 64 bits, else 32. */
    const cmsis_nn_bias_data data = { bias, p->ties != BC_TIES_TFLITE_WIDE };
    BC_CMSIS(arm_convolve_wrapper_s16(&told.context, &told.params, &told.factors, &told.in, x, &told.filter, w,
                                      &told.bias, &data, &told.out, y));
}

#endif
