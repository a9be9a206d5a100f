/* SPDX-License-Identifier: 0BSD */
/* matmul in plain C, int8: four columns of b at a time. */
#ifndef BC_MATMUL_S8_C_H
#define BC_MATMUL_S8_C_H

#include "barecast/bc_math.h"
#include "barecast/matmul.h"

static BC_KERNEL int8_t bc_matmul_s8_c_out(const bc_matmul_params *p, int32_t acc, const int32_t *mult, int32_t c)
{
    return bc_requantize_s8(acc, mult[p->per_channel ? c : 0], p->shift, p->ties, p->y_zero, p->y_min, p->y_max);
}

/* y[c .. c + count) of one row; count is 1 or 4. */
static BC_KERNEL void bc_matmul_s8_c_outputs(
    const bc_matmul_params *p, const int8_t *a, const int8_t *b, const int32_t *mult, int8_t *y, int32_t c,
    int32_t count)
{
    int32_t acc[4] = {0, 0, 0, 0};
    for (int32_t k = 0; k < p->k; ++k) {
        const int32_t value = a[k] - p->a_zero;
        const int8_t *right = b + k * p->n + c;
        acc[0] += value * (right[0] - p->b_zero);
        if (count == 4) {
            acc[1] += value * (right[1] - p->b_zero);
            acc[2] += value * (right[2] - p->b_zero);
            acc[3] += value * (right[3] - p->b_zero);
        }
    }
    y[c] = bc_matmul_s8_c_out(p, acc[0], mult, c);
    if (count == 4) {
        y[c + 1] = bc_matmul_s8_c_out(p, acc[1], mult, c + 1);
        y[c + 2] = bc_matmul_s8_c_out(p, acc[2], mult, c + 2);
        y[c + 3] = bc_matmul_s8_c_out(p, acc[3], mult, c + 3);
    }
}

static BC_KERNEL void bc_matmul_s8_c(
    const bc_matmul_params *p, const int8_t *a, const int8_t *b, const int32_t *mult, int8_t *y)
{
    const int32_t fours = p->n / 4 * 4;
    for (int32_t h = 0; h < p->batch_0; ++h) {
        for (int32_t i = 0; i < p->batch_1; ++i) {
            for (int32_t j = 0; j < p->batch_2; ++j) {
                const int8_t *row = a + h * p->a_step_0 + i * p->a_step_1 + j * p->a_step_2;
                const int8_t *right = b + h * p->b_step_0 + i * p->b_step_1 + j * p->b_step_2;
                for (int32_t m = 0; m < p->m; ++m) {
                    for (int32_t c = 0; c < fours; c += 4) {
                        bc_matmul_s8_c_outputs(p, row, right, mult, y, c, 4);
                    }
                    for (int32_t c = fours; c < p->n; ++c) {
                        bc_matmul_s8_c_outputs(p, row, right, mult, y, c, 1);
                    }
                    row += p->k;
                    y += p->n;
                }
            }
        }
    }
}

#endif
