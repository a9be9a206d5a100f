/* SPDX-License-Identifier: 0BSD */
/* reduce for Helium, int16: four neighbours at a time. Same call as reduce_s16_c. */
#ifndef BC_REDUCE_S16_MVE_H
#define BC_REDUCE_S16_MVE_H

#include <arm_mve.h>

#include "barecast/bc_math.h"
#include "barecast/reduce.h"

static BC_KERNEL void bc_reduce_s16_mve(const bc_reduce_params *p, const int16_t *x, const int32_t *mult, int16_t *y)
{
    const int32_t fours = p->inner / 4 * 4, start = -p->x_zero * p->n;
    for (int32_t o = 0; o < p->outer; ++o) {
        for (int32_t i = 0; i < fours; i += 4) {
            int32_t acc[4];
            const int16_t *from = x + i;
            int32x4_t sums = vdupq_n_s32(start);
#pragma GCC unroll 4
            for (int32_t k = 0; k < p->n; ++k) {
                sums = vaddq_s32(sums, vldrhq_s32(from));
                from += p->inner;
            }
            vst1q_s32(acc, sums);
            for (int32_t j = 0; j < 4; ++j) {
                *y++ = bc_requantize_s16(acc[j], mult[0], p->shift, p->ties, p->y_zero, p->y_min, p->y_max);
            }
        }
        for (int32_t i = fours; i < p->inner; ++i) {
            int32_t acc = start;
            for (int32_t k = 0; k < p->n; ++k) {
                acc += x[k * p->inner + i];
            }
            *y++ = bc_requantize_s16(acc, mult[0], p->shift, p->ties, p->y_zero, p->y_min, p->y_max);
        }
        x += p->n * p->inner;
    }
}

#endif
