/* SPDX-License-Identifier: 0BSD */
#ifndef BC_SOFTMAX_F32_C_H
#define BC_SOFTMAX_F32_C_H

#include "barecast/bc_math_f32.h"
#include "barecast/softmax.h"

static BC_KERNEL void bc_softmax_f32_c(const bc_softmax_params *p, const float *x, float *y)
{
    for (int32_t outer = 0; outer < p->outer; outer++) {
        for (int32_t inner = 0; inner < p->inner; inner++) {
            const int32_t start = outer * p->extent * p->inner + inner;
            const float *in = x + start;
            float *out = y + start;
            float max = in[0];
            for (int32_t i = 1; i < p->extent; i++) {
                const float value = in[i * p->inner];
                max = value > max ? value : max;
            }
            float sum = 0.0f;
            for (int32_t i = 0; i < p->extent; i++) {
                const float power = bc_exp_f32((in[i * p->inner] - max) * p->beta);
                out[i * p->inner] = power;
                sum += power;
            }
            for (int32_t i = 0; i < p->extent; i++) {
                out[i * p->inner] = out[i * p->inner] / sum;
            }
        }
    }
}

#endif
