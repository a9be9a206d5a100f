/* SPDX-License-Identifier: 0BSD */
/*
 * quantize for AArch64, int8: 16 numbers at a time. FDIV is IEEE 754's division; FCVTNS rounds halves to even, FCVTAS
 * away from zero, both make 0 of NaN and saturate, as the narrowing steps behind them do: what that changes lies
 * beyond int8.
 */
#ifndef BC_QUANTIZE_S8_NEON_H
#define BC_QUANTIZE_S8_NEON_H

#include <arm_neon.h>

#include "barecast/quantize.h"

static BC_INLINE int32x4_t bc_quantize_s8_neon_steps(const bc_quantize_params *p, const float *x)
{
    const float32x4_t steps = vdivq_f32(vld1q_f32(x), vdupq_n_f32(p->scale));
    return p->ties >= BC_TIES_TFLITE ? vcvtaq_s32_f32(steps) : vcvtnq_s32_f32(steps);
}

static BC_INLINE int8x8_t bc_quantize_s8_neon_eight(const bc_quantize_params *p, const float *x)
{
    const int16x4_t first = vqmovn_s32(bc_quantize_s8_neon_steps(p, x));
    const int16x8_t steps = vqmovn_high_s32(first, bc_quantize_s8_neon_steps(p, x + 4));
    return vqmovn_s16(vqaddq_s16(steps, vdupq_n_s16((int16_t)p->y_zero)));
}

static BC_KERNEL void bc_quantize_s8_neon(const bc_quantize_params *p, const float *x, int8_t *y)
{
    int32_t i = 0;
    for (; i + 16 <= p->size; i += 16) {
        const int8x8_t first = bc_quantize_s8_neon_eight(p, x + i);
        vst1q_s8(y + i, vcombine_s8(first, bc_quantize_s8_neon_eight(p, x + i + 8)));
    }
    for (; i < p->size; ++i) {
        y[i] = (int8_t)bc_quantize_one(x[i], p->scale, p->y_zero, -128, 127, p->ties);
    }
}

#endif
