/* SPDX-License-Identifier: 0BSD */
/*
 * Activation functions in float32 without libm, on top of bc_math_f32.h and under its conditions.
 *
 * Errors are absolute, in units of 2**-24, relative to max(1, |x|): that is what a sum that follows feels.
 * Where gelu and mish come near to 0, far below 0, the relative error is larger.
 */
#ifndef BC_CURVES_F32_H
#define BC_CURVES_F32_H

#include "barecast/bc_math.h"
#include "barecast/bc_math_f32.h"

/* Error function. At most 1.39 ULP where the result is normal, 0.51 ULP where it is subnormal; odd.
 * Minimax fits of our own: of erf(x) / x - 1 in x**2 below 0.92, else of -log(1 - erf(x)) below 4, from where on the
 * nearest float32 is 1. */
static BC_FUNCTION float bc_erf_f32(float x)
{
    const float size = x < 0.0f ? -x : x;
    if (size < 0.92f) {
        const float z = x * x;
        float p = 0x1.5ff20ep-14f;
        p = p * z - 0x1.ab307ep-11f;
        p = p * z + 0x1.54e362p-8f;
        p = p * z - 0x1.b81176p-6f;
        p = p * z + 0x1.ce2e2ep-4f;
        p = p * z - 0x1.812744p-2f;
        p = p * z + 0x1.06eba8p-3f;
        return p * x + x;
    }
    float y = size; /* NaN */
    if (size >= 4.0f) {
        y = 1.0f;
    } else if (size == size) {
        float p = -0x1.98d512p-13f;
        p = p * size + 0x1.8da1bcp-9f;
        p = p * size - 0x1.6b8ea2p-6f;
        p = p * size + 0x1.a96548p-4f;
        p = p * size + 0x1.4647b2p-1f;
        p = p * size + 0x1.20ac30p+0f;
        p = p * size + 0x1.b22212p-13f;
        y = 1.0f - bc_exp_f32(-p);
    }
    return x < 0.0f ? -y : y;
}

/* log(1 + e**x). */
static BC_FUNCTION float bc_softplus_f32(float x)
{
    return (x > 0.0f ? x : 0.0f) + bc_log_f32(1.0f + bc_exp_f32(x > 0.0f ? -x : x));
}

/* x * tanh(log(1 + e**x)): with e = e**x that is x * (e**2 + 2 e) / (e**2 + 2 e + 2). NaN at -inf. */
static BC_FUNCTION float bc_mish_f32(float x)
{
    if (x > 20.0f) { /* the quotient is 1 in float32, and e**2 might overflow */
        return x;
    }
    const float e = bc_exp_f32(x), n = e * (e + 2.0f);
    return x * (n / (n + 2.0f));
}

/* x / 2 * (1 + erf(x / sqrt(2))). NaN at -inf. */
static BC_FUNCTION float bc_gelu_f32(float x)
{
    const float half = 0.5f * x;
    return half + half * bc_erf_f32(x * 0.707106781f);
}

/* x / 2 * (1 + tanh(t)) with t = sqrt(2 / pi) * (x + 0.044715 x**3); (1 + tanh(t)) / 2 is sigmoid(2 t). NaN at -inf. */
static BC_FUNCTION float bc_gelu_tanh_f32(float x)
{
    return x * bc_sigmoid_f32(1.59576912f * (x + 0.044715f * x * x * x));
}

/* e**x - 1 for x <= 0, and 0 above. */
static BC_FUNCTION float bc_negative_part_f32(float x)
{
    if (x > 0.0f) {
        return 0.0f;
    }
    if (x > -0.25f) { /* x + x**2 / 2 + ...: no digits are lost as by the subtraction */
        float p = 0x1.0p0f / 720.0f;
        p = p * x + 1.0f / 120.0f;
        p = p * x + 1.0f / 24.0f;
        p = p * x + 1.0f / 6.0f;
        p = p * x + 0.5f;
        return p * x * x + x;
    }
    return bc_exp_f32(x) - 1.0f;
}

#endif
