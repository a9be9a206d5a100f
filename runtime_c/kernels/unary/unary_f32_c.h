/* SPDX-License-Identifier: 0BSD */
#ifndef BC_UNARY_F32_C_H
#define BC_UNARY_F32_C_H

#include "barecast/bc_curves_f32.h"
#include "barecast/bc_exact_f32.h"
#include "barecast/bc_math.h"
#include "barecast/bc_math_f32.h"
#include "barecast/unary.h"

/* The kinds from RECIPROCAL on. */
static BC_INLINE float bc_unary_f32_c_curve(const bc_unary_params *p, float x)
{
    switch (p->kind) {
    case BC_UNARY_RECIPROCAL:
        return 1.0f / x;
    case BC_UNARY_SIGN:
        return x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x;
    case BC_UNARY_HARD_SIGMOID:
        return bc_clamp_f32(x * p->alpha + p->beta, 0.0f, 1.0f);
    case BC_UNARY_HARD_SILU:
        return x * bc_clamp_f32(x * p->alpha + p->beta, 0.0f, 1.0f);
    case BC_UNARY_SILU:
        return x * bc_sigmoid_f32(x);
    case BC_UNARY_SOFTPLUS:
        return bc_softplus_f32(x);
    case BC_UNARY_SOFTSIGN:
        return x / (1.0f + (x < 0.0f ? -x : x));
    case BC_UNARY_MISH:
        return bc_mish_f32(x);
    case BC_UNARY_ERF:
        return bc_erf_f32(x);
    case BC_UNARY_GELU:
        return bc_gelu_f32(x);
    case BC_UNARY_GELU_TANH:
        return bc_gelu_tanh_f32(x);
    case BC_UNARY_SELU:
        return p->beta * (x > 0.0f ? x : p->alpha * bc_negative_part_f32(x));
    case BC_UNARY_CELU:
        return x > 0.0f ? x : p->alpha * bc_negative_part_f32(x / p->alpha);
    default: /* BC_UNARY_THRESHOLDED_RELU */
        return x > p->alpha ? x : 0.0f;
    }
}

/* The kinds from SQUARE on. */
static BC_INLINE float bc_unary_f32_c_more(const bc_unary_params *p, float x)
{
    switch (p->kind) {
    case BC_UNARY_SQUARE:
        return x * x;
    case BC_UNARY_SQRT:
        return bc_sqrt_f32(x);
    case BC_UNARY_RSQRT:
        return 1.0f / bc_sqrt_f32(x);
    case BC_UNARY_EXP:
        return bc_exp_f32(x);
    case BC_UNARY_LOG:
        return bc_log_f32(x);
    case BC_UNARY_SIN:
        return bc_sin_f32(x);
    case BC_UNARY_COS:
        return bc_cos_f32(x);
    case BC_UNARY_CEIL:
        return bc_ceil_f32(x);
    case BC_UNARY_FLOOR:
        return bc_floor_f32(x);
    case BC_UNARY_ROUND:
        return bc_rint_f32(x);
    default:
        return bc_unary_f32_c_curve(p, x);
    }
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
            value = value > 0.0f ? value : p->alpha * bc_negative_part_f32(value);
        } else if (p->kind == BC_UNARY_ABS) {
            value = value < 0.0f ? -value : value;
        } else if (p->kind == BC_UNARY_NEG) {
            value = -value;
        } else if (p->kind != BC_UNARY_CLAMP) {
            value = bc_unary_f32_c_more(p, value);
        }
        y[i] = bc_clamp_f32(value, p->y_min_f, p->y_max_f);
    }
}

#endif
