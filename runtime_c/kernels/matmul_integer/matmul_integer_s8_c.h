/* SPDX-License-Identifier: 0BSD */
/* matmul_integer in plain C: a row of the result at a time, so that b is read as it lies. */
#ifndef BC_MATMUL_INTEGER_S8_C_H
#define BC_MATMUL_INTEGER_S8_C_H

#include "barecast/matmul_integer.h"

/* y[0 .. n) = a[0 .. k) times b. */
static BC_KERNEL void bc_matmul_integer_s8_c_row(
    const bc_matmul_integer_params *p, const int8_t *a, const int8_t *b, int32_t a_zero, const int8_t *b_zero,
    int32_t *y)
{
    for (int32_t j = 0; j < p->n; ++j) {
        y[j] = 0;
    }
    for (int32_t k = 0; k < p->k; ++k) {
        const int32_t value = a[k] - a_zero;
        for (int32_t j = 0; j < p->n; ++j) {
            y[j] += value * (b[j] - b_zero[j * p->b_zero_step]);
        }
        b += p->n;
    }
}

static BC_KERNEL void bc_matmul_integer_s8_c(
    const bc_matmul_integer_params *p, const int8_t *a, const int8_t *b, const int8_t *a_zero, const int8_t *b_zero,
    int32_t *y)
{
    for (int32_t h = 0; h < p->batch_0; ++h) {
        for (int32_t i = 0; i < p->batch_1; ++i) {
            for (int32_t j = 0; j < p->batch_2; ++j) {
                const int8_t *row = a + h * p->a_step_0 + i * p->a_step_1 + j * p->a_step_2;
                const int8_t *right = b + h * p->b_step_0 + i * p->b_step_1 + j * p->b_step_2;
                for (int32_t m = 0; m < p->m; ++m) {
                    bc_matmul_integer_s8_c_row(p, row, right, a_zero[0], b_zero, y);
                    row += p->k;
                    y += p->n;
                }
            }
        }
    }
}

#endif
