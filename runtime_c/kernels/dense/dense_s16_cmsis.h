/* SPDX-License-Identifier: 0BSD */
/*
 * dense by CMSIS-NN: arm_fully_connected_s16.
 *
 * bias int64_t with the zero points folded in; mult [1], the upper 15 bits are the multiplier; shift [1].
 */
#ifndef BC_DENSE_S16_CMSIS_H
#define BC_DENSE_S16_CMSIS_H

#include "arm_nnfunctions.h"
#include "barecast/bc_cmsis.h"
#include "barecast/dense.h"

static BC_KERNEL void bc_dense_s16_cmsis(const bc_dense_params *p, const int16_t *x, const int8_t *w,
                                         const int64_t *bias, const int32_t *mult, const int32_t *shift,
                                         int16_t *y)
{
    const cmsis_nn_context context = { (void *)0, 0 };
    const cmsis_nn_fc_params params = { 0, 0, 0, { p->y_min, p->y_max } };
    const cmsis_nn_per_tensor_quant_params factor = { mult[0], shift[0] };
    const cmsis_nn_dims in = { p->rows, 1, 1, p->in_c };
    const cmsis_nn_dims filter = { p->in_c, 1, 1, p->out_c };
    const cmsis_nn_dims biases = { 1, 1, 1, p->out_c };
    const cmsis_nn_dims out = { p->rows, 1, 1, p->out_c };
    BC_CMSIS(arm_fully_connected_s16(&context, &params, &factor, &in, x, &filter, w, &biases, bias, &out, y));
}

#endif
