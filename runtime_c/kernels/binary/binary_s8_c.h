/* SPDX-License-Identifier: 0BSD */
#ifndef BC_BINARY_S8_C_H
#define BC_BINARY_S8_C_H

#include "barecast/bc_math.h"
#include "barecast/bc_math_f32.h"
#include "barecast/binary.h"

/* y before the clamp, in float32 as the contract states. */
static BC_INLINE int32_t bc_binary_s8_c_by_float(const bc_binary_params *p, int32_t a, int32_t b)
{
    const float centred_a = (float)(a - p->a_zero), centred_b = (float)(b - p->b_zero);
    float steps;
    if (p->fused && p->kind == BC_BINARY_MUL) {
        steps = centred_a * centred_b * p->a_scale + p->y_offset;
    } else if (p->fused) {
        const float raw_a = (float)(a + p->y_back), raw_b = (float)(b + p->y_back);
        if (p->a_first) {
            steps = bc_fma_byte_f32(raw_a, p->a_scale, p->a_rest, p->y_offset);
            steps = bc_fma_byte_f32(raw_b, p->b_scale, p->b_rest, steps);
        } else {
            steps = bc_fma_byte_f32(raw_b, p->b_scale, p->b_rest, p->y_offset);
            steps = bc_fma_byte_f32(raw_a, p->a_scale, p->a_rest, steps);
        }
    } else {
        const float real_a = centred_a * p->a_scale, real_b = centred_b * p->b_scale;
        const float real = p->kind == BC_BINARY_MUL   ? real_a * real_b
                           : p->kind == BC_BINARY_ADD ? real_a + real_b
                           : p->kind == BC_BINARY_SUB ? real_a - real_b
                                                      : real_b - real_a;
        steps = real / p->y_scale;
    }
    return bc_round_even_f32(bc_clamp_f32(steps, -1024.0f, 1024.0f)) + (p->fused ? -p->y_back : p->y_zero);
}

/* add and subs. */
static BC_INLINE int32_t bc_binary_s8_c_sum(const bc_binary_params *p, int32_t a, int32_t b)
{
    if (p->wide) {
        const int64_t sum = (int64_t)(a - p->a_zero) * p->a_mult + (int64_t)(b - p->b_zero) * p->b_mult;
        const int64_t steps = (sum + ((int64_t)1 << (p->shift - 1))) >> p->shift;
        return (steps < -512 ? -512 : steps > 512 ? 512 : (int32_t)steps) + p->y_zero;
    }
    const int32_t moved = a * p->a_mult + p->bias + b * p->b_mult;
    const int32_t y = moved >> p->shift;
    if (p->ties) {
        const int32_t window = 256 + (p->shift >= 14 ? (int32_t)1 << (p->shift - 14) : 0);
        const int32_t fraction = moved & (int32_t)(((uint32_t)1 << p->shift) - 1u);
        return fraction <= 2 * window ? bc_binary_s8_c_by_float(p, a, b) : y;
    }
    return y;
}

/* All kinds under TensorFlow Lite's rules. */
static BC_INLINE int32_t bc_binary_s8_c_tflite(const bc_binary_params *p, int32_t a, int32_t b)
{
    int32_t value = a * b;
    if (p->kind != BC_BINARY_MUL) {
        a = bc_requantize(a * ((int32_t)1 << 20), p->a_mult, p->a_shift, p->ties);
        b = bc_requantize(b * ((int32_t)1 << 20), p->b_mult, p->b_shift, p->ties);
        value = p->kind == BC_BINARY_ADD ? a + b : p->kind == BC_BINARY_SUB ? a - b : b - a;
    }
    return bc_requantize(value, p->y_mult, p->shift, p->ties) + p->y_zero;
}

static BC_INLINE int8_t bc_binary_s8_c_one(const bc_binary_params *p, int32_t a, int32_t b)
{
    if (p->ties >= BC_TIES_TFLITE) {
        return (int8_t)bc_clamp_s32(bc_binary_s8_c_tflite(p, a - p->a_zero, b - p->b_zero), p->y_min, p->y_max);
    }
    if (p->kind == BC_BINARY_MUL) {
        const int32_t product = (a - p->a_zero) * (b - p->b_zero);
        if (p->ties && bc_is_half(product, p->a_mult, p->shift)) {
            return (int8_t)bc_clamp_s32(bc_binary_s8_c_by_float(p, a, b), p->y_min, p->y_max);
        }
        return bc_requantize_s8(product, p->a_mult, p->shift, 0, p->y_zero, p->y_min, p->y_max);
    }
    return (int8_t)bc_clamp_s32(bc_binary_s8_c_sum(p, a, b), p->y_min, p->y_max);
}

static BC_KERNEL void bc_binary_s8_c(const bc_binary_params *p, const int8_t *a, const int8_t *b, int8_t *y)
{
    for (int32_t i0 = 0; i0 < p->extent0; i0++) {
        for (int32_t i1 = 0; i1 < p->extent1; i1++) {
            for (int32_t i2 = 0; i2 < p->extent2; i2++) {
                for (int32_t i3 = 0; i3 < p->extent3; i3++) {
                    const int8_t *a_row =
                        a + i0 * p->a_stride0 + i1 * p->a_stride1 + i2 * p->a_stride2 + i3 * p->a_stride3;
                    const int8_t *b_row =
                        b + i0 * p->b_stride0 + i1 * p->b_stride1 + i2 * p->b_stride2 + i3 * p->b_stride3;
                    for (int32_t i4 = 0; i4 < p->extent4; i4++) {
                        *y++ = bc_binary_s8_c_one(p, a_row[i4 * p->a_stride4], b_row[i4 * p->b_stride4]);
                    }
                }
            }
        }
    }
}

#endif
