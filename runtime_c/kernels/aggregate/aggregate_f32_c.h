/* SPDX-License-Identifier: 0BSD */
#ifndef BC_AGGREGATE_F32_C_H
#define BC_AGGREGATE_F32_C_H

#include "barecast/aggregate.h"
#include "barecast/bc_math.h"
#include "barecast/bc_math_f32.h"

static BC_KERNEL void bc_aggregate_f32_c(const bc_aggregate_params *p, const float *x, float *y)
{
    const float start = p->kind == BC_AGGREGATE_SUM   ? 0.0f
                        : p->kind == BC_AGGREGATE_MAX ? bc_f32_of_bits(0xff800000u)
                                                      : bc_f32_of_bits(0x7f800000u);
    for (int32_t o = 0; o < p->outer; ++o) {
        for (int32_t i = 0; i < p->inner; ++i) {
            float found = start;
            for (int32_t k = 0; k < p->n; ++k) {
                const float value = x[k * p->inner + i];
                if (p->kind == BC_AGGREGATE_SUM) {
                    found += value;
                } else if (p->kind == BC_AGGREGATE_MAX) {
                    found = value > found ? value : found;
                } else {
                    found = value < found ? value : found;
                }
            }
            *y++ = bc_clamp_f32(found, p->y_min_f, p->y_max_f);
        }
        x += p->n * p->inner;
    }
}

#endif
