/* SPDX-License-Identifier: 0BSD */
/*
 * dwconv2d for Helium, int16 with 8-bit weights, one output a channel, accumulators of 32 bits, bias included, and
 * factors below 1/4: eight channels at a time. VMULLB and VMULLT multiply the even and the odd ones of eight numbers;
 * VQMOVNB and VQMOVNT put the results side by side again. Padding is left out.
 *
 * Call: bc_dwconv2d_s16_mve(p, x, w, channels, y). By eights of channels, zeros behind the last one:
 * w [eights][k_h][k_w][8] int8_t; channels [eights][bias, multiplier, right][even, odd][4] int32_t, right and
 * multipliers as in bc_mve.h.
 */
#ifndef BC_DWCONV2D_S16_MVE_H
#define BC_DWCONV2D_S16_MVE_H

#include "barecast/bc_mve.h"
#include "barecast/bc_window.h"
#include "barecast/dwconv2d.h"

/* The taps of a window that lie on x, and the first of them. */
typedef struct {
    const int16_t *x;
    const int8_t *w;
    int32_t rows, columns;
} bc_dwconv2d_s16_mve_window;

/* Accumulators to results, as BC_MVE_TWICE or BC_MVE_HIGH_EACH do. */
static BC_INLINE int32x4_t bc_dwconv2d_s16_mve_rescale(int32x4_t acc, const int32_t *mult, int32_t ties)
{
    const int32x4_t factor = vldrwq_s32(mult), right = vldrwq_s32(mult + 8);
    if (ties == BC_TIES_TFLITE) {
        acc = vqrdmulhq_s32(acc, factor);
        acc = vaddq_s32(acc, vshrq_n_s32(vandq_s32(acc, right), 31));
    } else {
        acc = vmulhq_s32(acc, factor);
    }
    return vrshlq_s32(acc, right);
}

/* Eight channels of one pixel, or (some) the first ones that the predicate lets through. */
static BC_INLINE void bc_dwconv2d_s16_mve_eight(
    const bc_dwconv2d_params *p, const bc_dwconv2d_s16_mve_window *at, int32_t c, const int32_t *channels,
    int16_t *y, int32_t some)
{
    const mve_pred16_t lanes = some ? vctp16q((uint32_t)(p->in_c - c)) : (mve_pred16_t)0xffff;
    const int16_t *x = at->x + c;
    const int8_t *w = at->w + c * p->k_h * p->k_w;
    int32x4_t even = vldrwq_s32(channels), odd = vldrwq_s32(channels + 4);
#pragma GCC unroll 1
    for (int32_t r = 0; r < at->rows; ++r) {
        const int16_t *tap = x;
        const int8_t *weight = w;
#pragma GCC unroll 1
        for (int32_t s = 0; s < at->columns; ++s) {
            const int16x8_t numbers = some ? vldrhq_z_s16(tap, lanes) : vldrhq_s16(tap);
            const int16x8_t factors = vldrbq_s16(weight);
            even = vaddq_s32(even, vmullbq_int_s16(numbers, factors));
            odd = vaddq_s32(odd, vmulltq_int_s16(numbers, factors));
            tap += p->dilation_w * p->in_c;
            weight += 8;
        }
        x += p->dilation_h * p->in_w * p->in_c;
        w += 8 * p->k_w;
    }
    even = bc_dwconv2d_s16_mve_rescale(even, channels + 8, p->ties);
    odd = bc_dwconv2d_s16_mve_rescale(odd, channels + 12, p->ties);
    int16x8_t both = vqmovntq_s32(vqmovnbq_s32(vdupq_n_s16(0), even), odd);
    if (p->y_min > INT16_MIN) {
        both = vmaxq_s16(both, vdupq_n_s16((int16_t)p->y_min));
    }
    if (p->y_max < INT16_MAX) {
        both = vminq_s16(both, vdupq_n_s16((int16_t)p->y_max));
    }
    if (some) {
        vstrhq_p_s16(y + c, both, lanes);
    } else {
        vstrhq_s16(y + c, both);
    }
}

static BC_KERNEL void bc_dwconv2d_s16_mve(
    const bc_dwconv2d_params *p, const int16_t *x, const int8_t *w, const int32_t *channels, int16_t *y)
{
    const int32_t padded_h = p->pad_top | p->pad_bottom, padded_w = p->pad_left | p->pad_right;
    const int32_t whole = p->in_c / 8 * 8;
    for (int32_t n = 0; n < p->batch; ++n) {
        for (int32_t i = 0; i < p->out_h; ++i) {
            const int32_t row = i * p->stride_h - p->pad_top;
            const int32_t first_h = padded_h ? bc_first_tap(row, p->dilation_h, p->k_h) : 0;
            const int32_t end_h = padded_h ? bc_end_tap(row, p->in_h, p->dilation_h, p->k_h) : p->k_h;
            for (int32_t j = 0; j < p->out_w; ++j) {
                const int32_t column = j * p->stride_w - p->pad_left;
                const int32_t first_w = padded_w ? bc_first_tap(column, p->dilation_w, p->k_w) : 0;
                const int32_t end_w = padded_w ? bc_end_tap(column, p->in_w, p->dilation_w, p->k_w) : p->k_w;
                const int32_t line = row + first_h * p->dilation_h, place = column + first_w * p->dilation_w;
                const bc_dwconv2d_s16_mve_window at = {
                    x + (line * p->in_w + place) * p->in_c, w + 8 * (first_h * p->k_w + first_w),
                    end_h - first_h, end_w - first_w};
#pragma GCC unroll 1
                for (int32_t c = 0; c < whole; c += 8) {
                    bc_dwconv2d_s16_mve_eight(p, &at, c, channels + 3 * c, y, 0);
                }
                if (whole < p->in_c) {
                    bc_dwconv2d_s16_mve_eight(p, &at, whole, channels + 3 * whole, y, 1);
                }
                y += p->out_c;
            }
        }
        x += p->in_h * p->in_w * p->in_c;
    }
}

#endif
