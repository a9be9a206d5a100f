/* SPDX-License-Identifier: 0BSD */
#ifndef BC_PAD_S32_C_H
#define BC_PAD_S32_C_H

#include "barecast/bc_bytes.h"
#include "barecast/pad.h"

/* Writes `count` elements of border and returns the place behind them. */
static BC_INLINE int32_t *bc_pad_s32_c_border(const bc_pad_params *p, int32_t *y, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        y[i] = p->value;
    }
    return y + count;
}

static BC_KERNEL void bc_pad_s32_c(const bc_pad_params *p, const int32_t *x, int32_t *y)
{
    const int32_t row = p->before3 + p->extent3 + p->after3;
    const int32_t plane = row * (p->before2 + p->extent2 + p->after2);
    const int32_t block = plane * (p->before1 + p->extent1 + p->after1);
    const int32_t *in = x;
    int32_t *out = bc_pad_s32_c_border(p, y, p->before0 * block);
    for (int32_t i0 = 0; i0 < p->extent0; i0++) {
        out = bc_pad_s32_c_border(p, out, p->before1 * plane);
        for (int32_t i1 = 0; i1 < p->extent1; i1++) {
            out = bc_pad_s32_c_border(p, out, p->before2 * row);
            for (int32_t i2 = 0; i2 < p->extent2; i2++) {
                out = bc_pad_s32_c_border(p, out, p->before3);
                BC_COPY(out, in, (size_t)p->extent3 * sizeof *in);
                in += p->extent3;
                out = bc_pad_s32_c_border(p, out + p->extent3, p->after3);
            }
            out = bc_pad_s32_c_border(p, out, p->after2 * row);
        }
        out = bc_pad_s32_c_border(p, out, p->after1 * plane);
    }
    bc_pad_s32_c_border(p, out, p->after0 * block);
}

#endif
