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
        } else if (p->kind == BC_UNARY_LEAKY_RELU) {
            value = value > 0.0f ? value : value * p->alpha;
        } else if (p->kind == BC_UNARY_HARD_SWISH) {
            value = value * bc_clamp_f32(value + 3.0f, 0.0f, 6.0f) / 6.0f;
        } else if (p->kind == BC_UNARY_ELU) {
            value = value > 0.0f ? value : bc_exp_f32(value) - 1.0f;
        } else if (p->kind == BC_UNARY_ABS) {
            value = value < 0.0f ? -value : value;
        } else if (p->kind == BC_UNARY_NEG) {
            value = -value;
        }
        y[i] = bc_clamp_f32(value, p->y_min_f, p->y_max_f);
    }
}

#endif
