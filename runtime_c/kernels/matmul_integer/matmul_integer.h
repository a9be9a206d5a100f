/* SPDX-License-Identifier: 0BSD */
/*
 * matmul_integer: y[i][j] = sum over k of (a[i][k] - a_zero) * (b[k][j] - b_zero[j]), in int32.
 *
 *   void bc_matmul_integer_s8_<isa>(const bc_matmul_integer_params *p, const int8_t *a, const int8_t *b,
 *                                   const int8_t *a_zero, const int8_t *b_zero, int32_t *y)
 *
 *   a [m][k]   b [k][n]   a_zero [1]   b_zero [1] or [n]   y [m][n]   inside of three loops over matrices
 *   k >= 1, k * 255 * 255 < 2**31; y does not overlap the others
 */
#ifndef BC_MATMUL_INTEGER_H
#define BC_MATMUL_INTEGER_H

#include <stdint.h>

#include "barecast/bc.h"

typedef struct bc_matmul_integer_params {
    int32_t batch_0; /* three nested loops over matrices, batch_0 the outermost; y is written in order */
    int32_t batch_1;
    int32_t batch_2;
    int32_t a_step_0; /* elements that a advances in each loop */
    int32_t a_step_1;
    int32_t a_step_2;
    int32_t b_step_0;
    int32_t b_step_1;
    int32_t b_step_2;
    int32_t m;
    int32_t k;
    int32_t n;
    int32_t b_zero_step; /* 1: b_zero has a number for each column; 0: one for all */
} bc_matmul_integer_params;

#endif
