/* SPDX-License-Identifier: 0BSD */
/*
 * binary with NEON, float32: sums and differences where a is contiguous along the innermost loop and b contiguous or
 * one number, 16 elements at a time. No products: vectors of Armv7-A flush subnormal numbers to 0, and 0 times infinity
 * is NaN.
 */
#ifndef BC_BINARY_F32_NEON_H
#define BC_BINARY_F32_NEON_H

#include "barecast/bc_window_f32_neon.h"
#include "barecast/binary_f32_c.h"

static BC_INLINE float32x4_t bc_binary_f32_neon_four(const bc_binary_params *p, float32x4_t a, float32x4_t b)
{
    float32x4_t y = p->kind == BC_BINARY_ADD   ? vaddq_f32(a, b)
                    : p->kind == BC_BINARY_SUB ? vsubq_f32(a, b)
                                               : vsubq_f32(b, a);
    if (p->y_min_f > -FLT_MAX) {
        y = vmaxq_f32(y, vdupq_n_f32(p->y_min_f));
    }
    if (p->y_max_f < FLT_MAX) {
        y = vminq_f32(y, vdupq_n_f32(p->y_max_f));
    }
    return y;
}

static BC_INLINE void bc_binary_f32_neon_row(
    const bc_binary_params *p, const float *a, const float *b, float *y, int32_t count)
{
    const float32x4_t one = vdupq_n_f32(*b);
    for (; count >= 16; count -= 16) {
        const float32x4_t a0 = vld1q_f32(a), a1 = vld1q_f32(a + 4), a2 = vld1q_f32(a + 8), a3 = vld1q_f32(a + 12);
        float32x4_t b0 = one, b1 = one, b2 = one, b3 = one;
        if (p->b_stride4) {
            b0 = vld1q_f32(b);
            b1 = vld1q_f32(b + 4);
            b2 = vld1q_f32(b + 8);
            b3 = vld1q_f32(b + 12);
            b += 16;
        }
        vst1q_f32(y, bc_binary_f32_neon_four(p, a0, b0));
        vst1q_f32(y + 4, bc_binary_f32_neon_four(p, a1, b1));
        vst1q_f32(y + 8, bc_binary_f32_neon_four(p, a2, b2));
        vst1q_f32(y + 12, bc_binary_f32_neon_four(p, a3, b3));
        a += 16;
        y += 16;
    }
    for (; count >= 4; count -= 4) {
        vst1q_f32(y, bc_binary_f32_neon_four(p, vld1q_f32(a), p->b_stride4 ? vld1q_f32(b) : one));
        a += 4;
        b += 4 * p->b_stride4;
        y += 4;
    }
    for (; count > 0; --count) {
        *y++ = bc_binary_f32_c_one(p, *a++, p->b_stride4 ? *b++ : vgetq_lane_f32(one, 0));
    }
}

static BC_KERNEL void bc_binary_f32_neon(const bc_binary_params *p, const float *a, const float *b, float *y)
{
    for (int32_t i0 = 0; i0 < p->extent0; i0++) {
        for (int32_t i1 = 0; i1 < p->extent1; i1++) {
            for (int32_t i2 = 0; i2 < p->extent2; i2++) {
                for (int32_t i3 = 0; i3 < p->extent3; i3++) {
                    bc_binary_f32_neon_row(
                        p, a + i0 * p->a_stride0 + i1 * p->a_stride1 + i2 * p->a_stride2 + i3 * p->a_stride3,
                        b + i0 * p->b_stride0 + i1 * p->b_stride1 + i2 * p->b_stride2 + i3 * p->b_stride3, y,
                        p->extent4);
                    y += p->extent4;
                }
            }
        }
    }
}

#endif
