/* SPDX-License-Identifier: 0BSD */
/*
 * Windows of up to 32 bytes for Armv7-A, which stay in registers for all channels: bc_tile_s8_a32_neon.h says what the
 * weights are and why two products fit 16 bits.
 */
#ifndef BC_WINDOW_S8_A32_NEON_H
#define BC_WINDOW_S8_A32_NEON_H

#include "barecast/bc_neon.h"

/* A window of up to 32 bytes, in the order of its weights. */
typedef struct {
    int8x16_t first, second;
} bc_a32_window;

/* What is behind 16 bytes: 4 * words of them, words below 4. */
static BC_INLINE int8x16_t bc_a32_rest(const int8_t *x, int32_t words)
{
    int8x8_t eight = vdup_n_s8(0), four = vdup_n_s8(0);
    if (words & 2) {
        eight = vld1_s8(x);
        x += 8;
    }
    if (words & 1) {
        __asm__ volatile("vld1.32 {%P[v][0]}, [%[x]]" : [v] "+w"(four) : [x] "r"(x) : "memory");
    }
    return vcombine_s8(eight, four);
}

static BC_INLINE bc_a32_window bc_a32_window_of(const int8_t *x, int32_t words)
{
    bc_a32_window window;
    window.first = words < 4 ? bc_a32_rest(x, words) : vld1q_s8(x);
    window.second = words == 8 ? vld1q_s8(x + 16) : bc_a32_rest(x + 16, words < 4 ? 0 : words - 4);
    return window;
}

/* Both lanes' sums of a window by a channel; sixteens: 1 or 2, a constant. */
static BC_INLINE int32x2_t bc_a32_products(bc_a32_window x, int8x16_t w0, int8x16_t w1, int32_t sixteens)
{
    const int16x8_t first = vmull_s8(vget_low_s8(x.first), vget_low_s8(w0));
    int32x4_t sums = vpaddlq_s16(vmlal_s8(first, vget_high_s8(x.first), vget_high_s8(w0)));
    if (sixteens > 1) {
        const int16x8_t second = vmull_s8(vget_low_s8(x.second), vget_low_s8(w1));
        sums = vpadalq_s16(sums, vmlal_s8(second, vget_high_s8(x.second), vget_high_s8(w1)));
    }
    return vpadd_s32(vget_low_s32(sums), vget_high_s32(sums));
}

/* 16 bytes of weights. Assembly moves the pointer in passing, and loads where it stands: registers are few. */
static BC_INLINE int8x16_t bc_a32_weights(const int8_t **w)
{
    int8x16_t values;
    __asm__ volatile("vld1.8 {%e[v], %f[v]}, [%[w]]!" : [v] "=w"(values), [w] "+r"(*w));
    return values;
}

/* The sums of two such windows by four channels: lane k of *a and *b is channel k. Returns the weights behind. */
static BC_INLINE const int8_t *bc_a32_two_short(
    const bc_a32_window x[2], const int8_t *w, int32_t sixteens, int32x4_t *a, int32x4_t *b)
{
    const int8_t *behind = w + 64;
    int32x2_t p[4], q[4];
    for (int32_t k = 0; k < 4; ++k) {
        const int8x16_t w0 = bc_a32_weights(&w);
        const int8x16_t w1 = sixteens > 1 ? bc_a32_weights(&behind) : w0;
        p[k] = bc_a32_products(x[0], w0, w1, sixteens);
        q[k] = bc_a32_products(x[1], w0, w1, sixteens);
    }
    *a = vcombine_s32(vpadd_s32(p[0], p[1]), vpadd_s32(p[2], p[3]));
    *b = vcombine_s32(vpadd_s32(q[0], q[1]), vpadd_s32(q[2], q[3]));
    return sixteens > 1 ? behind : w;
}

#endif
