/* SPDX-License-Identifier: 0BSD */
/*
 * binary for Helium, float32: sums and differences where a is contiguous along the innermost loop and b contiguous or
 * one number, four elements at a time. No products: vectors flush subnormal numbers to 0, and 0 times infinity is NaN.
 */
#ifndef BC_BINARY_F32_MVE_H
#define BC_BINARY_F32_MVE_H

#include "barecast/bc_f32_mve.h"
#include "barecast/binary.h"

static BC_INLINE float32x4_t bc_binary_f32_mve_four(const bc_binary_params *p, float32x4_t a, float32x4_t b)
{
    const float32x4_t y = p->kind == BC_BINARY_ADD   ? vaddq_f32(a, b)
                          : p->kind == BC_BINARY_SUB ? vsubq_f32(a, b)
                                                     : vsubq_f32(b, a);
    return bc_mve_f32_clamp(y, p->y_min_f, p->y_max_f);
}

static BC_INLINE void bc_binary_f32_mve_row(
    const bc_binary_params *p, const float *a, const float *b, float *y, int32_t count)
{
    const float32x4_t one = vdupq_n_f32(*b);
    int32_t i = 0;
    for (; i + 4 <= count; i += 4) {
        vstrwq_f32(y + i, bc_binary_f32_mve_four(p, vldrwq_f32(a + i), p->b_stride4 ? vldrwq_f32(b + i) : one));
    }
    if (i < count) {
        const mve_pred16_t some = vctp32q((uint32_t)(count - i));
        const float32x4_t right = p->b_stride4 ? vldrwq_z_f32(b + i, some) : one;
        vstrwq_p_f32(y + i, bc_binary_f32_mve_four(p, vldrwq_z_f32(a + i, some), right), some);
    }
}

static BC_KERNEL void bc_binary_f32_mve(const bc_binary_params *p, const float *a, const float *b, float *y)
{
    for (int32_t i0 = 0; i0 < p->extent0; i0++) {
        for (int32_t i1 = 0; i1 < p->extent1; i1++) {
            for (int32_t i2 = 0; i2 < p->extent2; i2++) {
                for (int32_t i3 = 0; i3 < p->extent3; i3++) {
                    bc_binary_f32_mve_row(
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
