/* SPDX-License-Identifier: 0BSD */
/* dense in plain C, int8: four outputs at a time share the loads of x. */
#ifndef BC_DENSE_S8_C_H
#define BC_DENSE_S8_C_H

#include "barecast/bc_dot.h"
#include "barecast/bc_math.h"
#include "barecast/dense.h"

static BC_KERNEL int8_t bc_dense_s8_c_out(const bc_dense_params *p, int32_t acc, const int32_t *mult, int32_t o)
{
    const int32_t shift = bc_channel_shift(mult, o, p->out_c, p->per_channel, p->shift, p->ties);
    return bc_requantize_s8(acc, mult[p->per_channel ? o : 0], shift, p->ties, p->y_zero, p->y_min, p->y_max);
}

static BC_KERNEL void bc_dense_s8_c(
    const bc_dense_params *p, const int8_t *x, const void *w, const int32_t *bias, const int32_t *mult, int8_t *y)
{
    const int32_t fours = p->out_c / 4 * 4;
    for (int32_t m = 0; m < p->rows; ++m) {
        for (int32_t o = 0; o < fours; o += 4) {
            int32_t acc[4] = {bias[o], bias[o + 1], bias[o + 2], bias[o + 3]};
            bc_dot4_s8(acc, x, w, p->w_wide, o * p->in_c, p->in_c, p->in_c);
            y[o] = bc_dense_s8_c_out(p, acc[0], mult, o);
            y[o + 1] = bc_dense_s8_c_out(p, acc[1], mult, o + 1);
            y[o + 2] = bc_dense_s8_c_out(p, acc[2], mult, o + 2);
            y[o + 3] = bc_dense_s8_c_out(p, acc[3], mult, o + 3);
        }
        for (int32_t o = fours; o < p->out_c; ++o) {
            y[o] = bc_dense_s8_c_out(p, bc_dot_s8(bias[o], x, w, p->w_wide, o * p->in_c, p->in_c), mult, o);
        }
        x += p->in_c;
        y += p->out_c;
    }
}

#endif
