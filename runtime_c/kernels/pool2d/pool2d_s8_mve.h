/* SPDX-License-Identifier: 0BSD */
/*
 * pool2d for Helium, int8: 16 channels at a time. Maxima are taken and clamped in 8-bit lanes; sums in 16-bit lanes, up
 * to 255 terms at a time (255 * 128 < 2**15), finished in these lanes by TensorFlow Lite's rule, else as in plain C.
 */
#ifndef BC_POOL2D_S8_MVE_H
#define BC_POOL2D_S8_MVE_H

#include "barecast/bc_bytes_mve.h"
#include "barecast/pool2d_s8_c.h"

/*
 * clamp(sum / count, halves away from zero) in lanes, |sum| <= 128 * count, 2 <= count <= 255. n / count, rounded down,
 * is floor(n * m / 2**(16 + s)) where 2**s < count <= 2**(s + 1) and m = floor(2**(16 + s) / count) + 1, which is less
 * than 2**16: m is too large by e / count, 0 < e <= count, and that does not reach the next whole number if
 * n * e < 2**(16 + s). n = |sum| + floor(count / 2) is at most 128.5 * count: up to count = 2**7, n * e is at most
 * 128.5 * 2**(2 * s + 2), enough for s <= 6; above that n * e <= 32767 * 255 < 2**23.
 */
static BC_INLINE int16x8_t bc_pool2d_s8_mve_mean(const bc_pool2d_params *p, int16x8_t sum, int32_t count)
{
    if (count > 1) {
        const int32_t s = 31 - __builtin_clz((uint32_t)(count - 1));
        const uint16_t m = (uint16_t)((1 << (16 + s)) / count + 1);
        const int16x8_t sign = vshrq_n_s16(sum, 15);
        uint16x8_t n = vaddq_n_u16(vreinterpretq_u16_s16(vabsq_s16(sum)), (uint16_t)(count / 2));
        n = vshlq_r_u16(vmulhq_u16(n, vdupq_n_u16(m)), -s);
        sum = vsubq_s16(veorq_s16(vreinterpretq_s16_u16(n), sign), sign);
    }
    return vminq_s16(vmaxq_s16(sum, vdupq_n_s16((int16_t)p->y_min)), vdupq_n_s16((int16_t)p->y_max));
}

/* Averages by TensorFlow Lite's rule, of up to 255 taps: `lines` of `length` each. */
static BC_INLINE void bc_pool2d_s8_mve_tflite(
    const bc_pool2d_params *p, const int8_t *x, int32_t lines, int32_t length, int32_t row_step, int32_t column_step,
    int32_t channels, int8_t *y)
{
    int16x8_t even = vdupq_n_s16(0), odd = even;
    for (int32_t r = 0; r < lines; ++r) {
        bc_mve_add_columns(&even, &odd, x + r * row_step, channels, length, column_step);
    }
    const int32_t count = lines * length;
    const int8x16_t low = vmovnbq_s16(vuninitializedq_s8(), bc_pool2d_s8_mve_mean(p, even, count));
    const int8x16_t both = vmovntq_s16(low, bc_pool2d_s8_mve_mean(p, odd, count));
    vstrbq_p_s8(y, both, vctp8q((uint32_t)channels));
}

/* `channels` <= 16 channels of the output whose first tap is at x. */
static BC_INLINE void bc_pool2d_s8_mve_block(
    const bc_pool2d_params *p, const int8_t *x, const int32_t *mult, int32_t rows, int32_t columns, int32_t channels,
    int8_t *y)
{
    const int32_t row_step = p->dilation_h * p->in_w * p->channels, column_step = p->dilation_w * p->channels;
    if (p->is_max) {
        const mve_pred16_t some = vctp8q((uint32_t)channels);
        int8x16_t most = vdupq_n_s8((int8_t)p->y_min);
        for (int32_t r = 0; r < rows; ++r) {
            for (int32_t s = 0; s < columns; ++s) {
                most = vmaxq_s8(most, vldrbq_z_s8(x + r * row_step + s * column_step, some));
            }
        }
        vstrbq_p_s8(y, vminq_s8(most, vdupq_n_s8((int8_t)p->y_max)), some);
        return;
    }
    /* Rows that follow each other without a gap are one. */
    const int32_t whole = columns == p->in_w && p->dilation_h == 1 && p->dilation_w == 1;
    const int32_t lines = whole ? 1 : rows, length = whole ? rows * columns : columns;
    if (p->ties >= BC_TIES_TFLITE && p->k_h * p->k_w <= 255) {
        bc_pool2d_s8_mve_tflite(p, x, lines, length, row_step, column_step, channels, y);
        return;
    }
    int16_t few[16];
    int32_t many[16];
    if (p->k_h * p->k_w <= 255) {
        bc_mve_column_sums(few, x, channels, length, column_step);
        for (int32_t r = 1; r < lines; ++r) {
            int16_t sums[16];
            bc_mve_column_sums(sums, x + r * row_step, channels, length, column_step);
            vst1q_s16(few, vaddq_s16(vld1q_s16(few), vld1q_s16(sums)));
            vst1q_s16(few + 8, vaddq_s16(vld1q_s16(few + 8), vld1q_s16(sums + 8)));
        }
    } else {
        bc_mve_long_column_sums(many, x, channels, length, column_step);
        for (int32_t r = 1; r < lines; ++r) {
            bc_mve_add_column_sums(many, x + r * row_step, channels, length, column_step);
        }
    }
    for (int32_t k = 0; k < channels; ++k) {
        const int32_t sum = p->k_h * p->k_w <= 255 ? few[k] : many[k];
        y[k] = bc_pool2d_s8_c_finish(p, x + k, mult, rows, columns, sum - p->x_zero * rows * columns);
    }
}

static BC_KERNEL void bc_pool2d_s8_mve(const bc_pool2d_params *p, const int8_t *x, const int32_t *mult, int8_t *y)
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
                const int32_t start = (row + first_h * p->dilation_h) * p->in_w + column + first_w * p->dilation_w;
                for (int32_t c = 0; c < p->channels; c += 16) {
                    const int32_t count = p->channels - c < 16 ? p->channels - c : 16;
                    bc_pool2d_s8_mve_block(p, x + start * p->channels + c, mult, end_h - first_h, end_w - first_w,
                                           count, y + c);
                }
                y += p->channels;
            }
        }
        x += p->in_h * p->in_w * p->channels;
    }
}

#endif
