/* SPDX-License-Identifier: 0BSD */
/*
 * dense by CMSIS-NN: arm_fully_connected_s8, or arm_fully_connected_per_channel_s8.
 *
 * The zero points are folded into bias, so the offset of x is 0. The context of the functions for Helium is what
 * arm_vector_sum_s8 would compute: with that offset it is the bias.
 */
#ifndef BC_DENSE_S8_CMSIS_H
#define BC_DENSE_S8_CMSIS_H

#include "arm_nnfunctions.h"
#include "barecast/bc_cmsis.h"
#include "barecast/dense.h"

static BC_KERNEL void bc_dense_s8_cmsis(const bc_dense_params *p, const int8_t *x, const int8_t *w,
                                        const int32_t *bias, const int32_t *mult, const int32_t *shift,
                                        int8_t *y)
{
    const cmsis_nn_context context = { (int32_t *)bias, 4 * p->out_c };
    const cmsis_nn_fc_params params = { 0, 0, p->y_zero, { p->y_min, p->y_max } };
    const cmsis_nn_dims in = { p->rows, 1, 1, p->in_c };
    const cmsis_nn_dims filter = { p->in_c, 1, 1, p->out_c };
    const cmsis_nn_dims biases = { 1, 1, 1, p->out_c };
    const cmsis_nn_dims out = { p->rows, 1, 1, p->out_c };
    if (p->per_channel) {
        const cmsis_nn_per_channel_quant_params factors = { (int32_t *)mult, (int32_t *)shift };
        BC_CMSIS(arm_fully_connected_per_channel_s8(&context, &params, &factors, &in, x, &filter, w, &biases, bias,
                                                    &out, y));
    } else {
        const cmsis_nn_per_tensor_quant_params factor = { mult[0], shift[0] };
        BC_CMSIS(arm_fully_connected_s8(&context, &params, &factor, &in, x, &filter, w, &biases, bias, &out, y));
    }
}

#endif
