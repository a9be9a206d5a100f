/* SPDX-License-Identifier: 0BSD */
/* dequantize for AArch64, int8: 16 numbers at a time, which are read before the first one is written. */
#ifndef BC_DEQUANTIZE_S8_NEON_H
#define BC_DEQUANTIZE_S8_NEON_H

#include <arm_neon.h>

#include "barecast/dequantize.h"

static BC_INLINE void bc_dequantize_s8_neon_eight(const bc_dequantize_params *p, int16x8_t steps, float *y)
{
    vst1q_f32(y, vmulq_n_f32(vcvtq_f32_s32(vmovl_s16(vget_low_s16(steps))), p->scale));
    vst1q_f32(y + 4, vmulq_n_f32(vcvtq_f32_s32(vmovl_high_s16(steps)), p->scale));
}

static BC_KERNEL void bc_dequantize_s8_neon(const bc_dequantize_params *p, const int8_t *x, float *y)
{
    const int8x8_t zero = vdup_n_s8((int8_t)p->x_zero);
    int32_t i = 0;
    for (; i + 16 <= p->size; i += 16) {
        const int8x16_t bytes = vld1q_s8(x + i);
        bc_dequantize_s8_neon_eight(p, vsubl_s8(vget_low_s8(bytes), zero), y + i);
        bc_dequantize_s8_neon_eight(p, vsubl_s8(vget_high_s8(bytes), zero), y + i + 8);
    }
    for (; i < p->size; ++i) {
        y[i] = bc_dequantize_one(x[i], p->scale, p->x_zero);
    }
}

#endif
