/* SPDX-License-Identifier: 0BSD */
/*
 * dwconv2d by CMSIS-NN: arm_depthwise_conv_wrapper_s8.
 *
 * bias [out_c] has no zero points folded in; mult and shift [out_c], also where the model has one for all;
 * scratch: arm_depthwise_conv_wrapper_s8_get_buffer_size bytes, null if that is 0.
 */
#ifndef BC_DWCONV2D_S8_CMSIS_H
#define BC_DWCONV2D_S8_CMSIS_H

#include "arm_nnfunctions.h"
#include "barecast/bc_cmsis.h"
#include "barecast/dwconv2d.h"

static BC_KERNEL void bc_dwconv2d_s8_cmsis(const bc_dwconv2d_params *p, const int8_t *x, const int8_t *w,
                                           const int32_t *bias, const int32_t *mult, const int32_t *shift,
                                           int8_t *y, void *scratch)
{
    const cmsis_nn_context context = { scratch, 0 };
    const cmsis_nn_dw_conv_params params = {
        -p->x_zero,
        p->y_zero,
        p->depth_multiplier,
        { p->stride_w, p->stride_h },
        { p->pad_left, p->pad_top },
        { p->dilation_w, p->dilation_h },
        { p->y_min, p->y_max },
    };
    const cmsis_nn_per_channel_quant_params factors = { (int32_t *)mult, (int32_t *)shift };
    const cmsis_nn_dims in = { p->batch, p->in_h, p->in_w, p->in_c };
    const cmsis_nn_dims filter = { 1, p->k_h, p->k_w, p->out_c };
    const cmsis_nn_dims biases = { 1, 1, 1, p->out_c };
    const cmsis_nn_dims out = { p->batch, p->out_h, p->out_w, p->out_c };
    BC_CMSIS(arm_depthwise_conv_wrapper_s8(&context, &params, &factors, &in, x, &filter, w, &biases, bias, &out, y));
}

#endif
