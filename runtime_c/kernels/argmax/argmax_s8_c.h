/* SPDX-License-Identifier: 0BSD */
#ifndef BC_ARGMAX_S8_C_H
#define BC_ARGMAX_S8_C_H

#include "barecast/argmax.h"

static BC_KERNEL void bc_argmax_s8_c(const bc_argmax_params *p, const int8_t *x, int32_t *y)
{
    for (int32_t o = 0; o < p->outer; ++o) {
        for (int32_t i = 0; i < p->inner; ++i) {
            int8_t best = x[i];
            int32_t place = 0;
            for (int32_t k = 1; k < p->n; ++k) {
                const int8_t value = x[k * p->inner + i];
                if ((p->smallest ? value < best : value > best) || (p->last && value == best)) {
                    best = value;
                    place = k;
                }
            }
            *y++ = place;
        }
        x += p->n * p->inner;
    }
}

#endif
