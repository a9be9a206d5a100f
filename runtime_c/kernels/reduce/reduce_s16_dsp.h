/* SPDX-License-Identifier: 0BSD */
/* reduce for the DSP extension, int16: four neighbours at a time. Same call as reduce_s16_c. */
#ifndef BC_REDUCE_S16_DSP_H
#define BC_REDUCE_S16_DSP_H

#include "barecast/bc_dsp.h"
#include "barecast/reduce.h"

static BC_KERNEL void bc_reduce_s16_dsp(const bc_reduce_params *p, const int16_t *x, const int32_t *mult, int16_t *y)
{
    const int32_t fours = p->inner / 4 * 4, start = -p->x_zero * p->n;
    for (int32_t o = 0; o < p->outer; ++o) {
        for (int32_t i = 0; i < fours; i += 4) {
            int32_t acc[4] = {start, start, start, start};
            const int16_t *from = x + i;
#pragma GCC unroll 4
            for (int32_t k = 0; k < p->n; ++k) {
                int32_t x01, x23;
                BC_COPY(&x01, from, 4);
                BC_COPY(&x23, from + 2, 4);
                acc[0] += (int16_t)x01;
                acc[1] += x01 >> 16;
                acc[2] += (int16_t)x23;
                acc[3] += x23 >> 16;
                from += p->inner;
            }
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
