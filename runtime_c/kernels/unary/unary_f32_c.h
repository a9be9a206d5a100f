/* SPDX-License-Identifier: 0BSD */
#ifndef BC_UNARY_F32_C_H
#define BC_UNARY_F32_C_H

#include "barecast/bc_exact_f32.h"
#include "barecast/bc_math.h"
#include "barecast/bc_math_f32.h"
#include "barecast/unary.h"

/* The kinds from SQUARE on. */
static BC_INLINE float bc_unary_f32_c_more(int32_t kind, float x)
{
    return kind == BC_UNARY_SQUARE  ? x * x
           : kind == BC_UNARY_SQRT  ? bc_sqrt_f32(x)
           : kind == BC_UNARY_RSQRT ? 1.0f / bc_sqrt_f32(x)
           : kind == BC_UNARY_EXP   ? bc_exp_f32(x)
           : kind == BC_UNARY_LOG   ? bc_log_f32(x)
           : kind == BC_UNARY_SIN   ? bc_sin_f32(x)
           : kind == BC_UNARY_COS   ? bc_cos_f32(x)
           : kind == BC_UNARY_CEIL  ? bc_ceil_f32(x)
           : kind == BC_UNARY_FLOOR ? bc_floor_f32(x)
                                    : bc_rint_f32(x);
}

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
        } else if (p->kind != BC_UNARY_CLAMP) {
            value = bc_unary_f32_c_more(p->kind, value);
        }
        y[i] = bc_clamp_f32(value, p->y_min_f, p->y_max_f);
    }
}

#endif
