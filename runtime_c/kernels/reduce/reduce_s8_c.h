/* SPDX-License-Identifier: 0BSD */
/* reduce in plain C, int8: one output at a time. */
#ifndef BC_REDUCE_S8_C_H
#define BC_REDUCE_S8_C_H

#include "barecast/bc_math.h"
#include "barecast/bc_math_f32.h"
#include "barecast/reduce.h"

/* The sum in float32, in the order that the contract states. */
static BC_INLINE float bc_reduce_s8_c_sum(const bc_reduce_params *p, const int8_t *x)
{
    float lanes[8] = {0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f};
    const int32_t eights = p->lanes == 8 ? p->n - p->n % 8 : 0, fours = p->lanes == 1 ? 0 : p->n - p->n % 4;
    for (int32_t k = 0; k < eights; ++k) {
        lanes[k % 8] += (float)(x[k * p->inner] - p->x_zero) * p->x_scale;
    }
    for (int32_t k = 0; k < 4; ++k) {
        lanes[k] += lanes[k + 4];
    }
    for (int32_t k = eights; k < fours; ++k) {
        lanes[k % 4] += (float)(x[k * p->inner] - p->x_zero) * p->x_scale;
    }
    float sum = (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
    for (int32_t k = fours; k < p->n; ++k) {
        sum += (float)(x[k * p->inner] - p->x_zero) * p->x_scale;
    }
    return sum;
}

/* The output in float32; acc is the sum in integers. */
static BC_INLINE int8_t bc_reduce_s8_c_by_float(const bc_reduce_params *p, const int8_t *x, int32_t acc)
{
    const float mean = p->by_sum ? (float)acc * p->x_scale : bc_reduce_s8_c_sum(p, x) / (float)p->n / p->y_scale;
    const int32_t steps = bc_round_even_f32(bc_clamp_f32(mean, -512.0f, 512.0f));
    return (int8_t)bc_clamp_s32(steps + p->y_zero, p->y_min, p->y_max);
}

/* The output for acc, the sum of (x - x_zero) from *x on. */
static BC_INLINE int8_t bc_reduce_s8_c_out(const bc_reduce_params *p, const int8_t *x, int32_t mult, int32_t acc)
{
    if (p->ties == BC_TIES_EVEN && bc_is_half(acc, mult, p->shift)) {
        return bc_reduce_s8_c_by_float(p, x, acc);
    }
    const int32_t ties = p->ties == BC_TIES_EVEN ? (int32_t)BC_TIES_UP : p->ties;
    return bc_requantize_s8(acc, mult, p->shift, ties, p->y_zero, p->y_min, p->y_max);
}

static BC_KERNEL void bc_reduce_s8_c(const bc_reduce_params *p, const int8_t *x, const int32_t *mult, int8_t *y)
{
    for (int32_t o = 0; o < p->outer; ++o) {
        for (int32_t i = 0; i < p->inner; ++i) {
            int32_t acc = -p->x_zero * p->n;
            for (int32_t k = 0; k < p->n; ++k) {
                acc += x[k * p->inner + i];
            }
            *y++ = bc_reduce_s8_c_out(p, x + i, mult[0], acc);
        }
        x += p->n * p->inner;
    }
}

#endif
