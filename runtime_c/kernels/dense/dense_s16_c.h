/* SPDX-License-Identifier: 0BSD */
/* dense in plain C, int16: four outputs at a time share the loads of x. */
#ifndef BC_DENSE_S16_C_H
#define BC_DENSE_S16_C_H

#include "barecast/bc_dot_s16.h"
#include "barecast/bc_math.h"
#include "barecast/dense.h"

/* y[o .. o + count) of one row; count is 1 or 4. */
static BC_KERNEL void bc_dense_s16_c_outputs(
    const bc_dense_params *p, const int16_t *x, const void *w, const void *bias, const int32_t *mult, int16_t *y,
    int32_t o, int32_t count)
{
    int64_t sum[4] = {0, 0, 0, 0};
    int32_t acc[4] = {0, 0, 0, 0};
    bc_dots_s16(sum, acc, x, w, p->w_wide, o * p->in_c, p->in_c, count, p->in_c, p->acc_wide);
    for (int32_t j = 0; j < count; ++j) {
        const int32_t shift = bc_channel_shift(mult, o + j, p->out_c, p->per_channel, p->shift, p->ties);
        y[o + j] = bc_requantize_s16(sum[j] + acc[j] + bc_bias_s16(bias, p->ties, o + j),
                                     mult[p->per_channel ? o + j : 0], shift, p->ties, p->y_zero, p->y_min, p->y_max);
    }
}

static BC_KERNEL void bc_dense_s16_c(
    const bc_dense_params *p, const int16_t *x, const void *w, const void *bias, const int32_t *mult, int16_t *y)
{
    const int32_t fours = p->out_c / 4 * 4;
    for (int32_t m = 0; m < p->rows; ++m) {
        for (int32_t o = 0; o < fours; o += 4) {
            bc_dense_s16_c_outputs(p, x, w, bias, mult, y, o, 4);
        }
        for (int32_t o = fours; o < p->out_c; ++o) {
            bc_dense_s16_c_outputs(p, x, w, bias, mult, y, o, 1);
        }
        x += p->in_c;
        y += p->out_c;
    }
}

#endif
