/* SPDX-License-Identifier: 0BSD */
/* reduce for Helium, int8: 16 columns in 16-bit lanes, up to 255 terms at a time, finished as in plain C. */
#ifndef BC_REDUCE_S8_MVE_H
#define BC_REDUCE_S8_MVE_H

#include "barecast/bc_bytes_mve.h"
#include "barecast/reduce_s8_c.h"

static BC_KERNEL void bc_reduce_s8_mve(const bc_reduce_params *p, const int8_t *x, const int32_t *mult, int8_t *y)
{
    for (int32_t o = 0; o < p->outer; ++o) {
        for (int32_t i = 0; i < p->inner; i += 16) {
            const int32_t columns = p->inner - i < 16 ? p->inner - i : 16;
            int32_t sums[16];
            bc_mve_long_column_sums(sums, x + i, columns, p->n, p->inner);
            for (int32_t k = 0; k < columns; ++k) {
                *y++ = bc_reduce_s8_c_out(p, x + i + k, mult[0], sums[k] - p->x_zero * p->n);
            }
        }
        x += p->n * p->inner;
    }
}

#endif
