/* SPDX-License-Identifier: 0BSD */
/*
 * pool2d by CMSIS-NN: arm_max_pool_s16, arm_avgpool_s16.
 *
 * scratch: arm_avgpool_s16_get_buffer_size bytes for averages, null if that is 0.
 */
#ifndef BC_POOL2D_S16_CMSIS_H
#define BC_POOL2D_S16_CMSIS_H

#include "arm_nnfunctions.h"
#include "barecast/bc_cmsis.h"
#include "barecast/pool2d.h"

static BC_KERNEL void bc_pool2d_s16_cmsis(const bc_pool2d_params *p, const int16_t *x, int16_t *y,
                                          void *scratch)
{
    const cmsis_nn_context context = { scratch, 0 };
    const cmsis_nn_pool_params params = {
        { p->stride_w, p->stride_h },
        { p->pad_left, p->pad_top },
        { p->y_min, p->y_max },
    };
    const cmsis_nn_dims in = { p->batch, p->in_h, p->in_w, p->channels };
    const cmsis_nn_dims filter = { 1, p->k_h, p->k_w, 1 };
    const cmsis_nn_dims out = { p->batch, p->out_h, p->out_w, p->channels };
    if (p->is_max) {
        BC_CMSIS(arm_max_pool_s16(&context, &params, &in, x, &filter, &out, y));
    } else {
        BC_CMSIS(arm_avgpool_s16(&context, &params, &in, x, &filter, &out, y));
    }
}

#endif
