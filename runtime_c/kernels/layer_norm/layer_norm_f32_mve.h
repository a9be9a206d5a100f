/* SPDX-License-Identifier: 0BSD */
/* layer_norm with Helium, float: rows of neighbours, four elements at a time. */
#ifndef BC_LAYER_NORM_F32_MVE_H
#define BC_LAYER_NORM_F32_MVE_H

#include "barecast/bc_f32_mve.h"
#include "barecast/layer_norm_f32_c.h"

/* The mean of x - centre, or of its square, over n neighbours. */
static BC_INLINE float bc_layer_norm_f32_mve_mean(const float *x, int32_t n, float centre, int32_t square)
{
    float32x4_t sums = vdupq_n_f32(0.0f);
    const float *const end = x + (n & ~3);
    for (; x < end; x += 4) {
        const float32x4_t value = vsubq_n_f32(vld1q_f32(x), centre);
        sums = square ? vfmaq_f32(sums, value, value) : vaddq_f32(sums, value);
    }
    if (n & 3) {
        const mve_pred16_t some = vctp32q((uint32_t)n & 3);
        const float32x4_t value = vsubq_x_n_f32(vldrwq_z_f32(x, some), centre, some);
        sums = square ? vfmaq_m_f32(sums, value, value, some) : vaddq_m_f32(sums, sums, value, some);
    }
    const float even = vgetq_lane_f32(sums, 0) + vgetq_lane_f32(sums, 2);
    return (even + (vgetq_lane_f32(sums, 1) + vgetq_lane_f32(sums, 3))) / (float)n;
}

/* One row. by_element: a scale and a bias for each, else one for all. */
static BC_INLINE void bc_layer_norm_f32_mve_row(
    const bc_layer_norm_params *p, const float *x, const float *scale, const float *bias, int32_t by_element, float *y)
{
    const int32_t n = p->extent;
    const float mean = p->centred ? bc_layer_norm_f32_mve_mean(x, n, 0.0f, 0) : 0.0f;
    const float inverse = 1.0f / bc_sqrt_f32(bc_layer_norm_f32_mve_mean(x, n, mean, 1) + p->epsilon);
    float32x4_t factor = vdupq_n_f32(scale[0]), addend = vdupq_n_f32(bias[0]);
    int32_t i = 0;
    for (; i + 4 <= n; i += 4) {
        if (by_element) {
            factor = vld1q_f32(scale + i);
            addend = vld1q_f32(bias + i);
        }
        const float32x4_t value = vmulq_n_f32(vsubq_n_f32(vld1q_f32(x + i), mean), inverse);
        vst1q_f32(y + i, bc_mve_f32_clamp(vfmaq_f32(addend, value, factor), p->y_min_f, p->y_max_f));
    }
    for (; i < n; ++i) {
        const int32_t at = by_element ? i : 0;
        y[i] = bc_clamp_f32((x[i] - mean) * inverse * scale[at] + bias[at], p->y_min_f, p->y_max_f);
    }
}

static BC_KERNEL void bc_layer_norm_f32_mve(
    const bc_layer_norm_params *p, const float *x, const float *scale, const float *bias, float *y)
{
    const int32_t size = p->by_element ? p->extent : 1;
    for (int32_t o = 0, row = 0; o < p->outer; ++o) {
        bc_layer_norm_f32_mve_row(p, x, scale + row * size, bias + row * size, p->by_element, y);
        row = row + 1 < p->period ? row + 1 : 0;
        x += p->extent;
        y += p->extent;
    }
}

#endif
