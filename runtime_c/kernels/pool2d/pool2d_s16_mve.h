/* SPDX-License-Identifier: 0BSD */
/*
 * pool2d for Helium, int16: maxima of eight channels at a time, averages of four. Same call as pool2d_s16_c; windows of
 * averages have BC_POOL2D_S16_MVE_TAPS taps at most.
 */
#ifndef BC_POOL2D_S16_MVE_H
#define BC_POOL2D_S16_MVE_H

#include <arm_mve.h>

#include "barecast/pool2d_s16_c.h"

#define BC_POOL2D_S16_MVE_TAPS 4096

/*
 * A division by `count` as a product: n / count = floor(4 * n * mult / 2**32 / 2**right), rounded down, with right =
 * floor(log2(count)) and mult = floor(2**(30 + right) / count) + 1 <= 2**30 + 1. That is exact for n * count <
 * 2**(30 + right); n is below (2**15 + 1) * count, and count below 2**(right + 1) and not above 4096. So 4 * n < 2**30.
 */
typedef struct {
    int32_t count, mult, right;
} bc_pool2d_s16_mve_divisor;

static BC_INLINE bc_pool2d_s16_mve_divisor bc_pool2d_s16_mve_by(int32_t count)
{
    bc_pool2d_s16_mve_divisor by = {count, 0, 0};
    if (count > 0) {
        by.right = 31 - __builtin_clz((uint32_t)count);
        /* In two steps of 32 bits. */
        const uint32_t first = ((uint32_t)1 << 30) / (uint32_t)count, rest = ((uint32_t)1 << 30) % (uint32_t)count;
        by.mult = (int32_t)((first << by.right) + (rest << by.right) / (uint32_t)count + 1u);
    }
    return by;
}

/* Four sums divided by `count`, halves away from zero. */
static BC_INLINE int32x4_t bc_pool2d_s16_mve_average(int32x4_t sums, bc_pool2d_s16_mve_divisor by)
{
    const int32x4_t n = vaddq_n_s32(vabsq_s32(sums), by.count / 2);
    const int32x4_t size = vshlq_r_s32(vmulhq_s32(vshlq_n_s32(n, 2), vdupq_n_s32(by.mult)), -by.right);
    const int32x4_t sign = vshrq_n_s32(sums, 31);
    return vsubq_s32(veorq_s32(size, sign), sign);
}

/* All channels of the output with `rows` x `columns` taps, the first of which are at x. */
static BC_INLINE void bc_pool2d_s16_mve_pixel(
    const bc_pool2d_params *p, const int16_t *x, int32_t rows, int32_t columns, int16_t *y)
{
    const int32_t row_step = p->dilation_h * p->in_w * p->channels, column_step = p->dilation_w * p->channels;
    const int32_t lanes = p->is_max ? 8 : 4;
    const bc_pool2d_s16_mve_divisor by = bc_pool2d_s16_mve_by(p->is_max ? 0 : rows * columns);
#pragma GCC unroll 1
    for (int32_t c = 0; c < p->channels; c += lanes, x += lanes, y += lanes) {
        const uint32_t left = (uint32_t)(p->channels - c);
        if (p->is_max) {
            const mve_pred16_t some = vctp16q(left);
            int16x8_t most = vdupq_n_s16((int16_t)p->y_min);
#pragma GCC unroll 1
            for (int32_t r = 0; r < rows; ++r) {
#pragma GCC unroll 4
                for (int32_t s = 0; s < columns; ++s) {
                    most = vmaxq_s16(most, vldrhq_z_s16(x + r * row_step + s * column_step, some));
                }
            }
            vstrhq_p_s16(y, vminq_s16(most, vdupq_n_s16((int16_t)p->y_max)), some);
            continue;
        }
        const mve_pred16_t some = vctp32q(left);
        int32x4_t sums = vdupq_n_s32(0);
#pragma GCC unroll 1
        for (int32_t r = 0; r < rows; ++r) {
#pragma GCC unroll 4
            for (int32_t s = 0; s < columns; ++s) {
                sums = vaddq_s32(sums, vldrhq_z_s32(x + r * row_step + s * column_step, some));
            }
        }
        const int32x4_t average = bc_pool2d_s16_mve_average(sums, by);
        vstrhq_p_s32(y, vminq_s32(vmaxq_s32(average, vdupq_n_s32(p->y_min)), vdupq_n_s32(p->y_max)), some);
    }
}

static BC_KERNEL void bc_pool2d_s16_mve(const bc_pool2d_params *p, const int16_t *x, int16_t *y)
{
    const int32_t padded_h = p->pad_top | p->pad_bottom, padded_w = p->pad_left | p->pad_right;
    for (int32_t n = 0; n < p->batch; ++n) {
        for (int32_t i = 0; i < p->out_h; ++i) {
            const int32_t row = i * p->stride_h - p->pad_top;
            const int32_t first_h = padded_h ? bc_first_tap(row, p->dilation_h, p->k_h) : 0;
            const int32_t end_h = padded_h ? bc_end_tap(row, p->in_h, p->dilation_h, p->k_h) : p->k_h;
            for (int32_t j = 0; j < p->out_w; ++j) {
                const int32_t column = j * p->stride_w - p->pad_left;
                const int32_t first_w = padded_w ? bc_first_tap(column, p->dilation_w, p->k_w) : 0;
                const int32_t end_w = padded_w ? bc_end_tap(column, p->in_w, p->dilation_w, p->k_w) : p->k_w;
                const int16_t *first =
                    x + ((row + first_h * p->dilation_h) * p->in_w + column + first_w * p->dilation_w) * p->channels;
                bc_pool2d_s16_mve_pixel(p, first, end_h - first_h, end_w - first_w, y);
                y += p->channels;
            }
        }
        x += p->in_h * p->in_w * p->channels;
    }
}

#endif
