/* SPDX-License-Identifier: 0BSD */
/* row_sums in plain C, int8: one channel at a time. */
#ifndef BC_ROW_SUMS_S8_C_H
#define BC_ROW_SUMS_S8_C_H

#include "barecast/row_sums.h"

static BC_KERNEL void bc_row_sums_s8_c(const bc_row_sums_params *p, const int8_t *x, int32_t *y)
{
    for (int32_t c = 0; c < p->channels; ++c) {
        int32_t acc = p->begins ? 0 : y[c];
        for (int32_t w = 0; w < p->width; ++w) {
            acc += x[w * p->channels + c];
        }
        y[c] = acc;
    }
}

#endif
