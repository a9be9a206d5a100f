/* SPDX-License-Identifier: 0BSD */
/* layer_norm with NEON, float: four elements of a row at a time, or four rows that lie side by side. */
#ifndef BC_LAYER_NORM_F32_NEON_H
#define BC_LAYER_NORM_F32_NEON_H

#include "barecast/bc_window_f32_neon.h"
#include "barecast/layer_norm_f32_c.h"

/* The mean of x - centre, or of its square, over n neighbours. */
static BC_INLINE float bc_layer_norm_f32_neon_mean(const float *x, int32_t n, float centre, int32_t square)
{
    const float32x4_t middle = vdupq_n_f32(centre);
    float32x4_t sums[2] = {vdupq_n_f32(0.0f), vdupq_n_f32(0.0f)};
    int32_t i = 0;
    for (; i + 8 <= n; i += 8) {
        for (int32_t k = 0; k < 2; ++k) {
            const float32x4_t value = vsubq_f32(vld1q_f32(x + i + 4 * k), middle);
            sums[k] = vaddq_f32(sums[k], square ? vmulq_f32(value, value) : value);
        }
    }
    float four[4];
    vst1q_f32(four, vaddq_f32(sums[0], sums[1]));
    for (; i < n; ++i) {
        const float value = x[i] - centre;
        four[i & 3] += square ? value * value : value;
    }
    return ((four[0] + four[1]) + (four[2] + four[3])) / (float)n;
}

/* One row of neighbours. by_element: a scale and a bias for each, else one for all. */
static BC_INLINE void bc_layer_norm_f32_neon_row(
    const bc_layer_norm_params *p, const float *x, const float *scale, const float *bias, int32_t by_element, float *y)
{
    const int32_t n = p->extent;
    const bc_f32_neon_bounds bounds = bc_f32_neon_bounds_of(p->y_min_f, p->y_max_f);
    const float mean = p->centred ? bc_layer_norm_f32_neon_mean(x, n, 0.0f, 0) : 0.0f;
    const float inverse = 1.0f / bc_sqrt_f32(bc_layer_norm_f32_neon_mean(x, n, mean, 1) + p->epsilon);
    const float32x4_t means = vdupq_n_f32(mean), inverses = vdupq_n_f32(inverse);
    float32x4_t factor = vdupq_n_f32(scale[0]), addend = vdupq_n_f32(bias[0]);
    int32_t i = 0;
    for (; i + 4 <= n; i += 4) {
        if (by_element) {
            factor = vld1q_f32(scale + i);
            addend = vld1q_f32(bias + i);
        }
        const float32x4_t value = vmulq_f32(vsubq_f32(vld1q_f32(x + i), means), inverses);
        vst1q_f32(y + i, bc_f32_neon_limit(vaddq_f32(vmulq_f32(value, factor), addend), &bounds));
    }
    for (; i < n; ++i) {
        const int32_t at = by_element ? i : 0;
        y[i] = bc_clamp_f32((x[i] - mean) * inverse * scale[at] + bias[at], p->y_min_f, p->y_max_f);
    }
}

/* Four rows side by side. */
static BC_INLINE void bc_layer_norm_f32_neon_columns(
    const bc_layer_norm_params *p, const float *x, const float *scale, const float *bias, float *y)
{
    const int32_t n = p->extent, step = p->inner;
    const float length = (float)n;
    const bc_f32_neon_bounds bounds = bc_f32_neon_bounds_of(p->y_min_f, p->y_max_f);
    float32x4_t mean = vdupq_n_f32(0.0f), square = mean;
    float four[4];
    if (p->centred) {
        for (int32_t i = 0; i < n; ++i) {
            mean = vaddq_f32(mean, vld1q_f32(x + i * step));
        }
        vst1q_f32(four, mean);
        for (int32_t k = 0; k < 4; ++k) {
            four[k] /= length;
        }
        mean = vld1q_f32(four);
    }
    for (int32_t i = 0; i < n; ++i) {
        const float32x4_t value = vsubq_f32(vld1q_f32(x + i * step), mean);
        square = vaddq_f32(square, vmulq_f32(value, value));
    }
    vst1q_f32(four, square);
    for (int32_t k = 0; k < 4; ++k) {
        four[k] = 1.0f / bc_sqrt_f32(four[k] / length + p->epsilon);
    }
    const float32x4_t inverse = vld1q_f32(four);
    const float32x4_t factor = p->by_element ? vld1q_f32(scale) : vdupq_n_f32(scale[0]);
    const float32x4_t addend = p->by_element ? vld1q_f32(bias) : vdupq_n_f32(bias[0]);
    for (int32_t i = 0; i < n; ++i) {
        const float32x4_t value = vmulq_f32(vsubq_f32(vld1q_f32(x + i * step), mean), inverse);
        vst1q_f32(y + i * step, bc_f32_neon_limit(vaddq_f32(vmulq_f32(value, factor), addend), &bounds));
    }
}

static BC_KERNEL void bc_layer_norm_f32_neon(
    const bc_layer_norm_params *p, const float *x, const float *scale, const float *bias, float *y)
{
    const int32_t size = p->by_element ? p->extent : 1;
    for (int32_t o = 0, row = 0; o < p->outer; ++o) {
        if (p->inner == 1) {
            bc_layer_norm_f32_neon_row(p, x, scale + row * size, bias + row * size, p->by_element, y);
        } else {
            int32_t i = 0;
            for (; i + 4 <= p->inner; i += 4) {
                const int32_t at = p->by_element ? i : 0;
                bc_layer_norm_f32_neon_columns(p, x + i, scale + at, bias + at, y + i);
            }
            for (; i < p->inner; ++i) {
                const int32_t at = p->by_element ? i : 0;
                bc_layer_norm_f32_c_row(p, x + i, scale + at, bias + at, 0, y + i);
            }
        }
        row = row + 1 < p->period ? row + 1 : 0;
        x += p->extent * p->inner;
        y += p->extent * p->inner;
    }
}

#endif
