/* SPDX-License-Identifier: 0BSD */
/*
 * reduce for the DSP extension, int8: four neighbours at a time, added in 16-bit lanes. Same call as reduce_s8_c.
 */
#ifndef BC_REDUCE_S8_DSP_H
#define BC_REDUCE_S8_DSP_H

#include "barecast/bc_dsp.h"
#include "barecast/reduce_s8_c.h"

static BC_KERNEL void bc_reduce_s8_dsp(const bc_reduce_params *p, const int8_t *x, const int32_t *mult, int8_t *y)
{
    const int32_t fours = p->inner / 4 * 4, start = -p->x_zero * p->n;
    for (int32_t o = 0; o < p->outer; ++o) {
        for (int32_t i = 0; i < fours; i += 4) {
            int32_t acc[4] = {start, start, start, start};
            const int8_t *from = x + i;
            for (int32_t done = 0; done < p->n; done += BC_DSP_LANE_TERMS) {
                const int32_t left = p->n - done < BC_DSP_LANE_TERMS ? p->n - done : BC_DSP_LANE_TERMS;
                bc_dsp_lanes lanes = {0, 0};
#pragma GCC unroll 4
                for (int32_t k = 0; k < left; ++k) {
                    bc_dsp_lanes_add(&lanes, bc_load4(from));
                    from += p->inner;
                }
                bc_dsp_lanes_sum(&lanes, acc);
            }
            for (int32_t j = 0; j < 4; ++j) {
                *y++ = bc_reduce_s8_c_out(p, x + i + j, mult[0], acc[j]);
            }
        }
        for (int32_t i = fours; i < p->inner; ++i) {
            int32_t acc = start;
            for (int32_t k = 0; k < p->n; ++k) {
                acc += x[k * p->inner + i];
            }
            *y++ = bc_reduce_s8_c_out(p, x + i, mult[0], acc);
        }
        x += p->n * p->inner;
    }
}

#endif
