/* SPDX-License-Identifier: 0BSD */
/* dense in plain C, float: four outputs at a time share the loads of x. */
#ifndef BC_DENSE_F32_C_H
#define BC_DENSE_F32_C_H

#include "barecast/bc_dot.h"
#include "barecast/bc_math.h"
#include "barecast/dense.h"

static BC_KERNEL void bc_dense_f32_c(
    const bc_dense_params *p, const float *x, const float *w, const float *bias, float *y)
{
    const int32_t fours = p->out_c / 4 * 4;
    for (int32_t m = 0; m < p->rows; ++m) {
        for (int32_t o = 0; o < fours; o += 4) {
            float acc[4] = {bias[o], bias[o + 1], bias[o + 2], bias[o + 3]};
            bc_dot4_f32(acc, x, w + o * p->in_c, p->in_c, p->in_c);
            y[o] = bc_clamp_f32(acc[0], p->y_min_f, p->y_max_f);
            y[o + 1] = bc_clamp_f32(acc[1], p->y_min_f, p->y_max_f);
            y[o + 2] = bc_clamp_f32(acc[2], p->y_min_f, p->y_max_f);
            y[o + 3] = bc_clamp_f32(acc[3], p->y_min_f, p->y_max_f);
        }
        for (int32_t o = fours; o < p->out_c; ++o) {
            y[o] = bc_clamp_f32(bc_dot_f32(bias[o], x, w + o * p->in_c, p->in_c), p->y_min_f, p->y_max_f);
        }
        x += p->in_c;
        y += p->out_c;
    }
}

#endif
