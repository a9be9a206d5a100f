/* SPDX-License-Identifier: 0BSD */
/*
 * What CMSIS-NN wants to know of a conv2d besides its data, whatever their type.
 */
#ifndef BC_CONV2D_CMSIS_H
#define BC_CONV2D_CMSIS_H

#include "arm_nnfunctions.h"
#include "barecast/bc_cmsis.h"
#include "barecast/conv2d.h"

typedef struct bc_conv2d_cmsis {
    cmsis_nn_context context;
    cmsis_nn_conv_params params;
    cmsis_nn_per_channel_quant_params factors;
    cmsis_nn_dims in;
    cmsis_nn_dims filter;
    cmsis_nn_dims bias;
    cmsis_nn_dims out;
} bc_conv2d_cmsis;

/* mult, shift: [out_c]; scratch: the function's buffer. */
static BC_INLINE bc_conv2d_cmsis bc_conv2d_cmsis_of(
    const bc_conv2d_params *p, const int32_t *mult, const int32_t *shift, void *scratch)
{
    const bc_conv2d_cmsis told = {
        { scratch, 0 },
        {
            -p->x_zero,
            p->y_zero,
            { p->stride_w, p->stride_h },
            { p->pad_left, p->pad_top },
            { p->dilation_w, p->dilation_h },
            { p->y_min, p->y_max },
        },
        { (int32_t *)mult, (int32_t *)shift },
        { p->batch, p->in_h, p->in_w, p->in_c },
        { p->out_c, p->k_h, p->k_w, p->in_c / p->groups },
        { 1, 1, 1, p->out_c },
        { p->batch, p->out_h, p->out_w, p->out_c },
    };
    return told;
}

#endif
