/* SPDX-License-Identifier: 0BSD */
/*
 * binary with NEON, int8, by TensorFlow Lite's rule of two roundings and with shifts of at least 31 (they are, but
 * for absurd scales), where a is contiguous along the innermost loop and b contiguous or one number: eight elements at
 * a time, read before they are written.
 */
#ifndef BC_BINARY_S8_NEON_H
#define BC_BINARY_S8_NEON_H

#include "barecast/bc_rescale_neon.h"
#include "barecast/binary_s8_c.h"

typedef struct {
    int32x4_t low, high;
} bc_binary_s8_neon_eight;

/* R(v * 2**20), what eight differences from a zero point add: |v| <= 255. */
static BC_INLINE bc_binary_s8_neon_eight bc_binary_s8_neon_in(int16x8_t v, int32_t mult, int32_t shift)
{
    v = vshlq_n_s16(v, 5);
    const bc_binary_s8_neon_eight in = {
        bc_rescale_neon(vshll_n_s16(vget_low_s16(v), 15), mult, shift, BC_TIES_TFLITE),
        bc_rescale_neon(vshll_n_s16(vget_high_s16(v), 15), mult, shift, BC_TIES_TFLITE)};
    return in;
}

static BC_INLINE int32x4_t bc_binary_s8_neon_sum(int32_t kind, int32x4_t a, int32x4_t b)
{
    return kind == BC_BINARY_ADD ? vaddq_s32(a, b) : kind == BC_BINARY_SUB ? vsubq_s32(a, b) : vsubq_s32(b, a);
}

/* Eight results of differences a and b; of a sum's b is what it adds in `in`. */
static BC_INLINE int8x8_t bc_binary_s8_neon_out(
    const bc_binary_params *p, int16x8_t a, int16x8_t b, const bc_binary_s8_neon_eight *in)
{
    int32x4_t low, high;
    if (p->kind == BC_BINARY_MUL) {
        low = vmull_s16(vget_low_s16(a), vget_low_s16(b));
        high = vmull_s16(vget_high_s16(a), vget_high_s16(b));
    } else {
        const bc_binary_s8_neon_eight from = bc_binary_s8_neon_in(a, p->a_mult, p->a_shift);
        low = bc_binary_s8_neon_sum(p->kind, from.low, in->low);
        high = bc_binary_s8_neon_sum(p->kind, from.high, in->high);
    }
    const int16x8_t y = bc_rescale_neon_eight(low, high, p->y_mult, p->shift, BC_TIES_TFLITE, p->y_zero);
    const int8x8_t bytes = vqmovn_s16(y);
    return vmin_s8(vmax_s8(bytes, vdup_n_s8((int8_t)p->y_min)), vdup_n_s8((int8_t)p->y_max));
}

static BC_INLINE void bc_binary_s8_neon_row(
    const bc_binary_params *p, const int8_t *a, const int8_t *b, int8_t *y, int32_t count)
{
    const int8x8_t a_zero = vdup_n_s8((int8_t)p->a_zero), b_zero = vdup_n_s8((int8_t)p->b_zero);
    const int8_t one = *b;
    int16x8_t second = vsubl_s8(vdup_n_s8(one), b_zero);
    bc_binary_s8_neon_eight in = bc_binary_s8_neon_in(second, p->b_mult, p->b_shift);
    int32_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const int16x8_t first = vsubl_s8(vld1_s8(a + i), a_zero);
        if (p->b_stride4) {
            second = vsubl_s8(vld1_s8(b + i), b_zero);
            in = bc_binary_s8_neon_in(second, p->b_mult, p->b_shift);
        }
        vst1_s8(y + i, bc_binary_s8_neon_out(p, first, second, &in));
    }
    for (; i < count; ++i) {
        y[i] = bc_binary_s8_c_one(p, a[i], p->b_stride4 ? b[i] : one);
    }
}

static BC_KERNEL void bc_binary_s8_neon(const bc_binary_params *p, const int8_t *a, const int8_t *b, int8_t *y)
{
    for (int32_t i0 = 0; i0 < p->extent0; i0++) {
        for (int32_t i1 = 0; i1 < p->extent1; i1++) {
            for (int32_t i2 = 0; i2 < p->extent2; i2++) {
                for (int32_t i3 = 0; i3 < p->extent3; i3++) {
                    bc_binary_s8_neon_row(
                        p, a + i0 * p->a_stride0 + i1 * p->a_stride1 + i2 * p->a_stride2 + i3 * p->a_stride3,
                        b + i0 * p->b_stride0 + i1 * p->b_stride1 + i2 * p->b_stride2 + i3 * p->b_stride3, y,
                        p->extent4);
                    y += p->extent4;
                }
            }
        }
    }
}

#endif
