/* SPDX-License-Identifier: 0BSD */
/*
 * pool2d with NEON, int8: 16 channels at a time. Sums are taken in 16-bit lanes, of at most 255 taps. Averages by
 * TensorFlow Lite's rule are float32 quotients: exact where they are halves, and else at least 1 / 510 away from one,
 * and FCVTAS rounds halves away from zero. Where the factor allows it, others are finished in vectors, too, else as in
 * plain C. Channels beyond the last whole 16 are the last 16, some of them once more.
 */
#ifndef BC_POOL2D_S8_NEON_H
#define BC_POOL2D_S8_NEON_H

#include "barecast/bc_rescale_neon.h"
#include "barecast/pool2d_s8_c.h"

#ifdef __aarch64__
/* Eight sums divided by count, halves away from zero. */
static BC_INLINE int16x8_t bc_pool2d_s8_neon_mean(int16x8_t sum, int32_t count)
{
    const float32x4_t divisor = vdupq_n_f32((float)count);
    const float32x4_t low = vdivq_f32(vcvtq_f32_s32(vmovl_s16(vget_low_s16(sum))), divisor);
    const float32x4_t high = vdivq_f32(vcvtq_f32_s32(vmovl_s16(vget_high_s16(sum))), divisor);
    return vcombine_s16(vmovn_s32(vcvtaq_s32_f32(low)), vmovn_s32(vcvtaq_s32_f32(high)));
}
#endif

/* Eight sums, to which `zero` is added, in steps of y. */
static BC_INLINE int16x8_t bc_pool2d_s8_neon_steps(const bc_pool2d_params *p, int16x8_t sum, int32_t mult, int32_t zero)
{
    const int32x4_t start = vdupq_n_s32(zero);
    return bc_rescale_neon_eight(
        vaddw_s16(start, vget_low_s16(sum)), vaddw_s16(start, vget_high_s16(sum)), mult, p->shift, p->ties, p->y_zero);
}

/* Whether sums become averages in vectors. Armv7-A has no division there, which TensorFlow Lite's rule takes. */
static BC_INLINE int32_t bc_pool2d_s8_neon_in_vectors(const bc_pool2d_params *p)
{
#ifdef __aarch64__
    return p->ties >= BC_TIES_TFLITE || bc_rescale_neon_fits(p->shift, p->ties);
#else
    return p->ties < BC_TIES_TFLITE && bc_rescale_neon_fits(p->shift, p->ties);
#endif
}

/* The averages of 16 channels of the window whose first tap is at x. */
static BC_INLINE void bc_pool2d_s8_neon_average(
    const bc_pool2d_params *p, const int8_t *x, const int32_t *mult, int32_t rows, int32_t columns, int8_t *y)
{
    const int32_t row_step = p->dilation_h * p->in_w * p->channels, column_step = p->dilation_w * p->channels;
    const int32_t count = rows * columns, zero = -p->x_zero * count;
    int16x8_t low = vdupq_n_s16(0), high = vdupq_n_s16(0);
    for (int32_t r = 0; r < rows; ++r) {
        for (int32_t s = 0; s < columns; ++s) {
            const int8x16_t bytes = vld1q_s8(x + r * row_step + s * column_step);
            low = vaddw_s8(low, vget_low_s8(bytes));
            high = vaddw_s8(high, vget_high_s8(bytes));
        }
    }
    if (!bc_pool2d_s8_neon_in_vectors(p)) {
        int16_t sums[16];
        vst1q_s16(sums, low);
        vst1q_s16(sums + 8, high);
        for (int32_t k = 0; k < 16; ++k) {
            y[k] = bc_pool2d_s8_c_finish(p, x + k, mult, rows, columns, sums[k] + zero);
        }
        return;
    }
#ifdef __aarch64__
    if (p->ties >= BC_TIES_TFLITE) {
        low = bc_pool2d_s8_neon_mean(low, count);
        high = bc_pool2d_s8_neon_mean(high, count);
    } else
#endif
    {
        const int32_t multiplier = mult[p->per_count ? count - 1 : 0];
        low = bc_pool2d_s8_neon_steps(p, low, multiplier, zero);
        high = bc_pool2d_s8_neon_steps(p, high, multiplier, zero);
    }
    const int8x16_t both = vcombine_s8(vqmovn_s16(low), vqmovn_s16(high));
    vst1q_s8(y, vminq_s8(vmaxq_s8(both, vdupq_n_s8((int8_t)p->y_min)), vdupq_n_s8((int8_t)p->y_max)));
}

/* 16 channels of the output whose first tap is at x. */
static BC_INLINE void bc_pool2d_s8_neon_block(
    const bc_pool2d_params *p, const int8_t *x, const int32_t *mult, int32_t rows, int32_t columns, int8_t *y)
{
    const int32_t row_step = p->dilation_h * p->in_w * p->channels, column_step = p->dilation_w * p->channels;
    if (!p->is_max) {
        bc_pool2d_s8_neon_average(p, x, mult, rows, columns, y);
        return;
    }
    int8x16_t most = vdupq_n_s8((int8_t)p->y_min);
    for (int32_t r = 0; r < rows; ++r) {
        for (int32_t s = 0; s < columns; ++s) {
            most = vmaxq_s8(most, vld1q_s8(x + r * row_step + s * column_step));
        }
    }
    vst1q_s8(y, vminq_s8(most, vdupq_n_s8((int8_t)p->y_max)));
}

static BC_KERNEL void bc_pool2d_s8_neon(const bc_pool2d_params *p, const int8_t *x, const int32_t *mult, int8_t *y)
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
                    const int32_t at = c + 16 <= p->channels ? c : p->channels - 16;
                    bc_pool2d_s8_neon_block(
                        p, x + start * p->channels + at, mult, end_h - first_h, end_w - first_w, y + at);
                }
                y += p->channels;
            }
        }
        x += p->in_h * p->in_w * p->channels;
    }
}

#endif
