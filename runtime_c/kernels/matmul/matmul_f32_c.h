/* SPDX-License-Identifier: 0BSD */
/* matmul in plain C, float: four columns of b at a time. */
#ifndef BC_MATMUL_F32_C_H
#define BC_MATMUL_F32_C_H

#include "barecast/bc_math.h"
#include "barecast/matmul.h"

/* y[c .. c + count) of one row; count is 1 or 4. */
static BC_KERNEL void bc_matmul_f32_c_outputs(
    const bc_matmul_params *p, const float *a, const float *b, float *y, int32_t c, int32_t count)
{
    float acc[4] = {0.0f, 0.0f, 0.0f, 0.0f};
    for (int32_t k = 0; k < p->k; ++k) {
        const float *right = b + k * p->n + c;
        acc[0] += a[k] * right[0];
        if (count == 4) {
            acc[1] += a[k] * right[1];
            acc[2] += a[k] * right[2];
            acc[3] += a[k] * right[3];
        }
    }
    y[c] = bc_clamp_f32(acc[0], p->y_min_f, p->y_max_f);
    if (count == 4) {
        y[c + 1] = bc_clamp_f32(acc[1], p->y_min_f, p->y_max_f);
        y[c + 2] = bc_clamp_f32(acc[2], p->y_min_f, p->y_max_f);
        y[c + 3] = bc_clamp_f32(acc[3], p->y_min_f, p->y_max_f);
    }
}

static BC_KERNEL void bc_matmul_f32_c(const bc_matmul_params *p, const float *a, const float *b, float *y)
{
    const int32_t fours = p->n / 4 * 4;
    for (int32_t h = 0; h < p->batch_0; ++h) {
        for (int32_t i = 0; i < p->batch_1; ++i) {
            for (int32_t j = 0; j < p->batch_2; ++j) {
                const float *row = a + h * p->a_step_0 + i * p->a_step_1 + j * p->a_step_2;
                const float *right = b + h * p->b_step_0 + i * p->b_step_1 + j * p->b_step_2;
                for (int32_t m = 0; m < p->m; ++m) {
                    for (int32_t c = 0; c < fours; c += 4) {
                        bc_matmul_f32_c_outputs(p, row, right, y, c, 4);
                    }
                    for (int32_t c = fours; c < p->n; ++c) {
                        bc_matmul_f32_c_outputs(p, row, right, y, c, 1);
                    }
                    row += p->k;
                    y += p->n;
                }
            }
        }
    }
}

#endif
