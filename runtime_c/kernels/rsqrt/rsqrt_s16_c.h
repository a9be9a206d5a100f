/* SPDX-License-Identifier: 0BSD */
#ifndef BC_RSQRT_S16_C_H
#define BC_RSQRT_S16_C_H

#include "barecast/bc_fixed_point.h"
#include "barecast/bc_math.h"
#include "barecast/rsqrt.h"

static BC_INLINE int32_t bc_rsqrt_s16_c_one(const bc_rsqrt_params *p, int32_t x)
{
    if (x <= 0) {
        return INT16_MAX;
    }
    int32_t right;
    const int32_t root = bc_inverse_sqrt(x, &right);
    const int32_t fine = bc_requantize(1, root, 31 - BC_RSQRT_BITS + right, p->ties);
    return bc_clamp_s32(bc_requantize(fine, p->mult, p->shift, p->ties), INT16_MIN, INT16_MAX);
}

static BC_KERNEL void bc_rsqrt_s16_c(const bc_rsqrt_params *p, const int16_t *x, int16_t *y)
{
    for (int32_t i = 0; i < p->size; i++) {
        y[i] = (int16_t)bc_rsqrt_s16_c_one(p, x[i]);
    }
}

#endif
