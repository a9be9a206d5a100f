/* SPDX-License-Identifier: 0BSD */
#ifndef BC_BINARY_S8_C_H
#define BC_BINARY_S8_C_H

#include "barecast/bc_math.h"
#include "barecast/binary.h"

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
        const int32_t window = p->shift >= 14 ? (int32_t)1 << (p->shift - 14) : 0;
        const int32_t fraction = moved & (int32_t)(((uint32_t)1 << p->shift) - 1u);
        return fraction <= 2 * window && ((y - p->y_zero) & 1) != 0 ? y - 1 : y;
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
        return bc_requantize_s8(product, p->a_mult, p->shift, p->ties, p->y_zero, p->y_min, p->y_max);
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
