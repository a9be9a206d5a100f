/* SPDX-License-Identifier: 0BSD */
#ifndef BC_SOFTMAX_S16_C_H
#define BC_SOFTMAX_S16_C_H

#include "barecast/bc_math.h"
#include "barecast/softmax.h"

/* A function by its table of 513 entries: 9 bits of the argument choose one, 7 interpolate to the next. */
static BC_INLINE int32_t bc_softmax_s16_c_look_up(const int16_t *table, int32_t value)
{
    const int16_t *entry = table + 256 + (value >> 7);
    return entry[0] + (((entry[1] - entry[0]) * (value & 127) + 64) >> 7);
}

/* One row; its exponentials wait in `out`. */
static BC_INLINE void bc_softmax_s16_c_row(
    const bc_softmax_params *p, const int16_t *in, const int16_t *table, int16_t *out)
{
    int32_t max = INT16_MIN;
    for (int32_t i = 0; i < p->extent; i++) {
        const int32_t value = in[i * p->inner];
        max = value > max ? value : max;
    }
    uint32_t sum = 0;
    for (int32_t i = 0; i < p->extent; i++) {
        const int32_t scaled = bc_requantize(in[i * p->inner] - max, p->mult, p->shift, p->ties);
        const int32_t term = bc_softmax_s16_c_look_up(table, bc_clamp_s32(scaled, -65535, 0) + 32767);
        out[i * p->inner] = (int16_t)term;
        sum += (uint32_t)term;
    }
    int32_t zeros = 0;
    for (uint32_t bits = sum; (bits >> 31) == 0; bits <<= 1) {
        zeros++;
    }
    /* The sum is 2**(32 - zeros) * (1 + a) / 2: a with 16 fraction bits, rounded, less 2**15. */
    const int32_t fraction = (int32_t)(((sum << (zeros - 1)) + (1u << 13)) >> 14) - (1 << 16) - (1 << 15);
    const int32_t factor = bc_softmax_s16_c_look_up(table + 513, bc_clamp_s32(fraction, INT16_MIN, INT16_MAX));
    const int32_t shift = 31 - zeros;
    for (int32_t i = 0; i < p->extent; i++) {
        const int32_t y = (out[i * p->inner] * factor + ((int32_t)1 << (shift - 1))) >> shift;
        out[i * p->inner] = (int16_t)bc_clamp_s32(y, 0, INT16_MAX);
    }
}

static BC_KERNEL void bc_softmax_s16_c(const bc_softmax_params *p, const int16_t *x, const int16_t *table, int16_t *y)
{
    for (int32_t outer = 0; outer < p->outer; outer++) {
        for (int32_t inner = 0; inner < p->inner; inner++) {
            const int32_t start = outer * p->extent * p->inner + inner;
            bc_softmax_s16_c_row(p, x + start, table, y + start);
        }
    }
}

#endif
