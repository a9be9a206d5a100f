/* SPDX-License-Identifier: 0BSD */
/*
 * Dot products of int16 activations in plain C, as bc_dot.h has them for int8.
 *
 * A sum of BC_DOT_S16_MOST products fits int32 whatever the weights are (int8_t, or int16_t of 9 bits and sign).
 * Longer sums are kept in int64 where the lowering could not prove from the weights that int32 will do (acc_wide).
 */
#ifndef BC_DOT_S16_H
#define BC_DOT_S16_H

#include "barecast/bc.h"
#include "barecast/bc_dot.h"
#include "barecast/bc_math.h"

enum { BC_DOT_S16_MOST = 256 };

/* The bias of output o: as wide as the accumulators of the rule are. */
static BC_INLINE int64_t bc_bias_s16(const void *bias, int32_t ties, int32_t o)
{
    return ties == BC_TIES_TFLITE_WIDE ? ((const int64_t *)bias)[o] : ((const int32_t *)bias)[o];
}

/* sum[j] += acc[j], which becomes 0. */
static BC_INLINE void bc_widen4_s16(int64_t sum[4], int32_t acc[4])
{
    for (int32_t j = 0; j < 4; ++j) {
        sum[j] += acc[j];
        acc[j] = 0;
    }
}

/* acc + the sum of x[i] * w[first + i]. */
static BC_KERNEL int32_t bc_dot_s16(
    int32_t acc, const int16_t *x, const void *w, int32_t wide, int32_t first, int32_t n)
{
    for (int32_t i = 0; i < n; ++i) {
        acc += x[i] * bc_weight(w, wide, first + i);
    }
    return acc;
}

/* acc[j] += the sum of x[i] * w[first + j * step + i]. */
static BC_KERNEL void bc_dot4_s16(
    int32_t acc[4], const int16_t *x, const void *w, int32_t wide, int32_t first, int32_t step, int32_t n)
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

/*
 * The sums of n products of x and `count` rows of weights (1 or 4), `step` apart from w[first]: added to acc, or,
 * if acc_wide, to sum by way of acc.
 */
static BC_KERNEL void bc_dots_s16(
    int64_t sum[4], int32_t acc[4], const int16_t *x, const void *w, int32_t wide, int32_t first, int32_t step,
    int32_t count, int32_t n, int32_t acc_wide)
{
    const int32_t most = acc_wide ? (int32_t)BC_DOT_S16_MOST : n;
    while (n > 0) {
        const int32_t part = n < most ? n : most;
        if (count == 4) {
            bc_dot4_s16(acc, x, w, wide, first, step, part);
        } else {
            acc[0] = bc_dot_s16(acc[0], x, w, wide, first, part);
        }
        if (acc_wide) {
            bc_widen4_s16(sum, acc);
        }
        x += part;
        first += part;
        n -= part;
    }
}

#endif
