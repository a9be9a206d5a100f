/* SPDX-License-Identifier: 0BSD */
/* matmul in plain C, int16: four columns of b at a time. */
#ifndef BC_MATMUL_S16_C_H
#define BC_MATMUL_S16_C_H

#include "barecast/bc_math.h"
#include "barecast/matmul.h"

/* y[c .. c + count) of one row; count is 1 or 4. A product has up to 31 bits. */
static BC_KERNEL void bc_matmul_s16_c_outputs(
    const bc_matmul_params *p, const int16_t *a, const int16_t *b, const int32_t *mult, int16_t *y, int32_t c,
    int32_t count)
{
    int64_t acc[4] = {0, 0, 0, 0};
    for (int32_t k = 0; k < p->k; ++k) {
        const int16_t *right = b + k * p->n + c;
        acc[0] += (int32_t)a[k] * right[0];
        if (count == 4) {
            acc[1] += (int32_t)a[k] * right[1];
            acc[2] += (int32_t)a[k] * right[2];
            acc[3] += (int32_t)a[k] * right[3];
        }
    }
    for (int32_t j = 0; j < count; ++j) {
        y[c + j] = bc_requantize_s16(acc[j], mult[0], p->shift, p->ties, p->y_zero, p->y_min, p->y_max);
    }
}

static BC_KERNEL void bc_matmul_s16_c(
    const bc_matmul_params *p, const int16_t *a, const int16_t *b, const int32_t *mult, int16_t *y)
{
    const int32_t fours = p->n / 4 * 4;
    for (int32_t h = 0; h < p->batch_0; ++h) {
        for (int32_t i = 0; i < p->batch_1; ++i) {
            for (int32_t j = 0; j < p->batch_2; ++j) {
                const int16_t *row = a + h * p->a_step_0 + i * p->a_step_1 + j * p->a_step_2;
                const int16_t *right = b + h * p->b_step_0 + i * p->b_step_1 + j * p->b_step_2;
                for (int32_t m = 0; m < p->m; ++m) {
                    for (int32_t c = 0; c < fours; c += 4) {
                        bc_matmul_s16_c_outputs(p, row, right, mult, y, c, 4);
                    }
                    for (int32_t c = fours; c < p->n; ++c) {
                        bc_matmul_s16_c_outputs(p, row, right, mult, y, c, 1);
                    }
                    row += p->k;
                    y += p->n;
                }
            }
        }
    }
}

#endif
