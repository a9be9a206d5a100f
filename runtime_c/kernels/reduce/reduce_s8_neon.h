/* SPDX-License-Identifier: 0BSD */
/*
 * reduce with NEON, int8: 16 columns in 16-bit lanes, up to 255 terms at a time. Where the factor allows it they are
 * finished in vectors, else as in plain C. Columns beyond the last whole 16 are the last 16, some of them once more.
 */
#ifndef BC_REDUCE_S8_NEON_H
#define BC_REDUCE_S8_NEON_H

#include "barecast/bc_rescale_neon.h"
#include "barecast/reduce_s8_c.h"

/* 16 columns. */
static BC_INLINE void bc_reduce_s8_neon_columns(
    const bc_reduce_params *p, const int8_t *x, const int32_t *mult, int8_t *y)
{
    const int8_t *row = x;
    int32x4_t sum[4];
    for (int32_t q = 0; q < 4; ++q) {
        sum[q] = vdupq_n_s32(-p->x_zero * p->n);
    }
    for (int32_t left = p->n; left > 0; left -= 255) {
        int16x8_t low = vdupq_n_s16(0), high = vdupq_n_s16(0);
        for (int32_t k = left < 255 ? left : 255; k > 0; --k) {
            const int8x16_t bytes = vld1q_s8(row);
            low = vaddw_s8(low, vget_low_s8(bytes));
            high = vaddw_s8(high, vget_high_s8(bytes));
            row += p->inner;
        }
        sum[0] = vaddw_s16(sum[0], vget_low_s16(low));
        sum[1] = vaddw_s16(sum[1], vget_high_s16(low));
        sum[2] = vaddw_s16(sum[2], vget_low_s16(high));
        sum[3] = vaddw_s16(sum[3], vget_high_s16(high));
    }
    if (bc_rescale_neon_fits(p->shift, p->ties)) {
        const int16x8_t a = bc_rescale_neon_eight(sum[0], sum[1], mult[0], p->shift, p->ties, p->y_zero);
        const int16x8_t b = bc_rescale_neon_eight(sum[2], sum[3], mult[0], p->shift, p->ties, p->y_zero);
        const int8x16_t both = vcombine_s8(vqmovn_s16(a), vqmovn_s16(b));
        vst1q_s8(y, vminq_s8(vmaxq_s8(both, vdupq_n_s8((int8_t)p->y_min)), vdupq_n_s8((int8_t)p->y_max)));
        return;
    }
    int32_t sums[16];
    for (int32_t q = 0; q < 4; ++q) {
        vst1q_s32(sums + 4 * q, sum[q]);
    }
    for (int32_t k = 0; k < 16; ++k) {
        y[k] = bc_reduce_s8_c_out(p, x + k, mult[0], sums[k]);
    }
}

static BC_KERNEL void bc_reduce_s8_neon(const bc_reduce_params *p, const int8_t *x, const int32_t *mult, int8_t *y)
{
    for (int32_t o = 0; o < p->outer; ++o) {
        for (int32_t i = 0; i < p->inner; i += 16) {
            const int32_t at = i + 16 <= p->inner ? i : p->inner - 16;
            bc_reduce_s8_neon_columns(p, x + at, mult, y + at);
        }
        x += p->n * p->inner;
        y += p->inner;
    }
}

#endif
