/* SPDX-License-Identifier: 0BSD */
#ifndef BC_SVDF_F32_C_H
#define BC_SVDF_F32_C_H

#include "barecast/bc_dot.h"
#include "barecast/bc_math.h"
#include "barecast/svdf.h"

static BC_KERNEL void bc_svdf_f32_c(
    const bc_svdf_params *p, const float *x, const float *wf, const float *wt, const float *bias, const float *before,
    float *y, float *after)
{
    const int32_t units = p->filters / p->rank;
    for (int32_t b = 0; b < p->batch; ++b) {
        for (int32_t u = 0; u < units; ++u) {
            float acc = bias[u];
            for (int32_t f = u * p->rank; f < (u + 1) * p->rank; ++f) {
                /* Forwards: each feature is read before its place is written, where the states are the same bytes. */
                for (int32_t j = 0; j < p->memory - 1; ++j) {
                    after[j] = before[j + 1];
                }
                after[p->memory - 1] = bc_dot_f32(0.0f, x, wf + f * p->in_c, p->in_c);
                acc = bc_dot_f32(acc, after, wt + f * p->memory, p->memory);
                before += p->memory;
                after += p->memory;
            }
            *y++ = bc_clamp_f32(acc, p->y_min_f, p->y_max_f);
        }
        x += p->in_c;
    }
}

#endif
