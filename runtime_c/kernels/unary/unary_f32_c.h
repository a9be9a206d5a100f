/* SPDX-License-Identifier: 0BSD */
#ifndef BC_UNARY_F32_C_H
#define BC_UNARY_F32_C_H

#include "barecast/bc_math.h"
#include "barecast/bc_math_f32.h"
#include "barecast/unary.h"

static BC_KERNEL void bc_unary_f32_c(const bc_unary_params *p, const float *x, float *y)
{
    for (int32_t i = 0; i < p->size; i++) {
        float value = x[i];
        if (p->kind == BC_UNARY_SIGMOID) {
            value = bc_sigmoid_f32(value);
        } else if (p->kind == BC_UNARY_TANH) {
            value = bc_tanh_f32(value);
        }
        y[i] = bc_clamp_f32(value, p->y_min_f, p->y_max_f);
    }
}

#endif
