/* SPDX-License-Identifier: 0BSD */
/* layer_norm in plain C, float: a row at a time, its sums in four parts. */
#ifndef BC_LAYER_NORM_F32_C_H
#define BC_LAYER_NORM_F32_C_H

#include "barecast/bc_exact_f32.h"
#include "barecast/bc_math.h"
#include "barecast/layer_norm.h"

/* The mean of x - centre, or of its square, over n elements `step` apart. */
static BC_INLINE float bc_layer_norm_f32_c_mean(const float *x, int32_t n, int32_t step, float centre, int32_t square)
{
    float sums[4] = {0.0f, 0.0f, 0.0f, 0.0f};
    int32_t i = 0;
    for (; i + 4 <= n; i += 4) {
        for (int32_t k = 0; k < 4; ++k) {
            const float value = x[(i + k) * step] - centre;
            sums[k] += square ? value * value : value;
        }
    }
    for (; i < n; ++i) {
        const float value = x[i * step] - centre;
        sums[0] += square ? value * value : value;
    }
    return ((sums[0] + sums[1]) + (sums[2] + sums[3])) / (float)n;
}

/* One row. scale, bias: next `stride` numbers on for the next element. */
static BC_INLINE void bc_layer_norm_f32_c_row(
    const bc_layer_norm_params *p, const float *x, const float *scale, const float *bias, int32_t stride, float *y)
{
    const int32_t n = p->extent, step = p->inner;
    const float mean = p->centred ? bc_layer_norm_f32_c_mean(x, n, step, 0.0f, 0) : 0.0f;
    const float square = bc_layer_norm_f32_c_mean(x, n, step, mean, 1);
    const float inverse = 1.0f / bc_sqrt_f32(square + p->epsilon);
    for (int32_t i = 0; i < n; ++i) {
        const float value = (x[i * step] - mean) * inverse * scale[i * stride] + bias[i * stride];
        y[i * step] = bc_clamp_f32(value, p->y_min_f, p->y_max_f);
    }
}

static BC_KERNEL void bc_layer_norm_f32_c(
    const bc_layer_norm_params *p, const float *x, const float *scale, const float *bias, float *y)
{
    const int32_t along = p->inner == 1 && p->by_element, size = along ? p->extent : 1;
    for (int32_t o = 0, row = 0; o < p->outer; ++o) {
        for (int32_t i = 0; i < p->inner; ++i) {
            const int32_t at = p->inner == 1 ? row * size : p->by_element ? i : 0;
            bc_layer_norm_f32_c_row(p, x + i, scale + at, bias + at, along, y + i);
        }
        row = row + 1 < p->period ? row + 1 : 0;
        x += p->extent * p->inner;
        y += p->extent * p->inner;
    }
}

#endif
