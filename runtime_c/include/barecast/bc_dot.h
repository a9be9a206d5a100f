/* SPDX-License-Identifier: 0BSD */
/*
 * Dot products in plain C: the inner loops of convolution and fully connected layers.
 *
 * Integer weights are int8_t, or int16_t (`wide`) where folding their zero point needed the room.
 * The ..4 forms make four sums at once, of weight rows `step` elements apart: one load of x serves four.
 * No sum of products, in any order, leaves int32: the lowering proves that from the weights.
 */
#ifndef BC_DOT_H
#define BC_DOT_H

#include "barecast/bc.h"

static BC_KERNEL int32_t bc_weight(const void *w, int32_t wide, int32_t index)
{
    return wide ? ((const int16_t *)w)[index] : ((const int8_t *)w)[index];
}

/* acc + the sum of x[i] * w[first + i]. */
static BC_KERNEL int32_t bc_dot_s8(int32_t acc, const int8_t *x, const void *w, int32_t wide, int32_t first, int32_t n)
{
    for (int32_t i = 0; i < n; ++i) {
        acc += x[i] * bc_weight(w, wide, first + i);
    }
    return acc;
}

/* acc[j] += the sum of x[i] * w[first + j * step + i]. */
static BC_KERNEL void bc_dot4_s8(
    int32_t acc[4], const int8_t *x, const void *w, int32_t wide, int32_t first, int32_t step, int32_t n)
{
    int32_t s0 = acc[0], s1 = acc[1], s2 = acc[2], s3 = acc[3];
    for (int32_t i = 0; i < n; ++i) {
        const int32_t value = x[i];
        s0 += value * bc_weight(w, wide, first + i);
        s1 += value * bc_weight(w, wide, first + step + i);
        s2 += value * bc_weight(w, wide, first + 2 * step + i);
        s3 += value * bc_weight(w, wide, first + 3 * step + i);
    }
    acc[0] = s0;
    acc[1] = s1;
    acc[2] = s2;
    acc[3] = s3;
}

/* acc[j] += x[j] * w[first + j], written out so that acc stays in registers without help of an unroller. */
static BC_KERNEL void bc_mac4_s8(int32_t acc[4], const int8_t *x, const void *w, int32_t wide, int32_t first)
{
    acc[0] += x[0] * bc_weight(w, wide, first);
    acc[1] += x[1] * bc_weight(w, wide, first + 1);
    acc[2] += x[2] * bc_weight(w, wide, first + 2);
    acc[3] += x[3] * bc_weight(w, wide, first + 3);
}

static BC_KERNEL void bc_mac4_f32(float acc[4], const float *x, const float *w)
{
    acc[0] += x[0] * w[0];
    acc[1] += x[1] * w[1];
    acc[2] += x[2] * w[2];
    acc[3] += x[3] * w[3];
}

/* acc + x times the sum of w[first + i]: taps on padding. */
static BC_KERNEL int32_t bc_dot_pad_s8(int32_t acc, int32_t x, const void *w, int32_t wide, int32_t first, int32_t n)
{
    if (x != 0) {
        for (int32_t i = 0; i < n; ++i) {
            acc += x * bc_weight(w, wide, first + i);
        }
    }
    return acc;
}

/* acc[j] += x times the sum of w[first + j * step + i]. */
static BC_KERNEL void bc_dot4_pad_s8(
    int32_t acc[4], int32_t x, const void *w, int32_t wide, int32_t first, int32_t step, int32_t n)
{
    acc[0] = bc_dot_pad_s8(acc[0], x, w, wide, first, n);
    acc[1] = bc_dot_pad_s8(acc[1], x, w, wide, first + step, n);
    acc[2] = bc_dot_pad_s8(acc[2], x, w, wide, first + 2 * step, n);
    acc[3] = bc_dot_pad_s8(acc[3], x, w, wide, first + 3 * step, n);
}

static BC_KERNEL float bc_dot_f32(float acc, const float *x, const float *w, int32_t n)
{
    for (int32_t i = 0; i < n; ++i) {
        acc += x[i] * w[i];
    }
    return acc;
}

static BC_KERNEL void bc_dot4_f32(float acc[4], const float *x, const float *w, int32_t step, int32_t n)
{
    float s0 = acc[0], s1 = acc[1], s2 = acc[2], s3 = acc[3];
    for (int32_t i = 0; i < n; ++i) {
        const float value = x[i];
        s0 += value * w[i];
        s1 += value * w[step + i];
        s2 += value * w[2 * step + i];
        s3 += value * w[3 * step + i];
    }
    acc[0] = s0;
    acc[1] = s1;
    acc[2] = s2;
    acc[3] = s3;
}

#endif
