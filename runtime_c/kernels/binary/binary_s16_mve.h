/* SPDX-License-Identifier: 0BSD */
/*
 * binary for Helium, int16, where a is contiguous along the innermost loop and b contiguous or one number: eight
 * elements at a time, four even and four odd ones. Shifts are 31 and more, of sums and products rounded once 33.
 */
#ifndef BC_BINARY_S16_MVE_H
#define BC_BINARY_S16_MVE_H

#include <arm_mve.h>

#include "barecast/bc_math.h"
#include "barecast/binary.h"

/* VRMULH of the first factor is bc_double_high of half of it; halves of the second rounding go away from zero. */
static BC_INLINE int32x4_t bc_binary_s16_mve_twice(int32x4_t high, int32_t shift)
{
    return shift == 31 ? high : vrshlq_n_s32(vaddq_s32(high, vshrq_n_s32(high, 31)), 31 - shift);
}

/* bc_requantize(v * 2**15, mult, shift, ties) of top = v * 2**16. */
static BC_INLINE int32x4_t bc_binary_s16_mve_in(int32x4_t top, int32_t mult, int32_t shift, int32_t ties)
{
    const int32x4_t factor = vdupq_n_s32(mult);
    if (ties == BC_TIES_TFLITE || shift == 31) {
        return bc_binary_s16_mve_twice(vrmulhq_s32(top, factor), shift);
    }
    return vrshlq_n_s32(vmulhq_s32(top, factor), 31 - shift);
}

static BC_INLINE int32x4_t bc_binary_s16_mve_out(const bc_binary_params *p, int32x4_t value)
{
    if (p->ties == BC_TIES_TFLITE) {
        return bc_binary_s16_mve_twice(vqrdmulhq_n_s32(value, p->y_mult), p->shift);
    }
    return vrshlq_n_s32(vmulhq_s32(value, vdupq_n_s32(p->y_mult)), 32 - p->shift);
}

/* Even elements times 2**16, and odd ones. */
static BC_INLINE int32x4_t bc_binary_s16_mve_even(int16x8_t v)
{
    return vshlq_n_s32(vreinterpretq_s32_s16(v), 16);
}

static BC_INLINE int32x4_t bc_binary_s16_mve_odd(int16x8_t v)
{
    return vandq_s32(vreinterpretq_s32_s16(v), vdupq_n_s32(-65536));
}

/* Of four elements times 2**16 the sum or difference. */
static BC_INLINE int32x4_t bc_binary_s16_mve_sum(const bc_binary_params *p, int32x4_t a, int32x4_t b)
{
    a = bc_binary_s16_mve_in(a, p->a_mult, p->a_shift, p->ties);
    b = bc_binary_s16_mve_in(b, p->b_mult, p->b_shift, p->ties);
    return bc_binary_s16_mve_out(p, p->kind == BC_BINARY_ADD   ? vaddq_s32(a, b)
                                    : p->kind == BC_BINARY_SUB ? vsubq_s32(a, b)
                                                               : vsubq_s32(b, a));
}

static BC_INLINE int16x8_t bc_binary_s16_mve_eight(const bc_binary_params *p, int16x8_t a, int16x8_t b)
{
    int32x4_t even, odd;
    if (p->kind == BC_BINARY_MUL) {
        even = bc_binary_s16_mve_out(p, vmullbq_int_s16(a, b));
        odd = bc_binary_s16_mve_out(p, vmulltq_int_s16(a, b));
    } else {
        even = bc_binary_s16_mve_sum(p, bc_binary_s16_mve_even(a), bc_binary_s16_mve_even(b));
        odd = bc_binary_s16_mve_sum(p, bc_binary_s16_mve_odd(a), bc_binary_s16_mve_odd(b));
    }
    const int16x8_t y = vqmovntq_s32(vqmovnbq_s32(vuninitializedq_s16(), even), odd);
    if (p->y_min == INT16_MIN && p->y_max == INT16_MAX) {
        return y;
    }
    return vminq_s16(vmaxq_s16(y, vdupq_n_s16((int16_t)p->y_min)), vdupq_n_s16((int16_t)p->y_max));
}

/* extent4 elements; still: b is one number. */
static BC_INLINE void bc_binary_s16_mve_row(
    const bc_binary_params *p, const int16_t *a, const int16_t *b, int16_t *y, int32_t still)
{
    const int16x8_t one = vdupq_n_s16(*b);
    int32_t count = p->extent4;
    /* A compiler that knows their distances makes one pointer and three additions of these. */
    __asm__("" : "+r"(a), "+r"(b), "+r"(y));
    for (; count >= 8; count -= 8, a += 8, b += 8, y += 8) {
        vstrhq_s16(y, bc_binary_s16_mve_eight(p, vldrhq_s16(a), still ? one : vldrhq_s16(b)));
    }
    if (count > 0) {
        const mve_pred16_t some = vctp16q((uint32_t)count);
        const int16x8_t from = vldrhq_z_s16(a, some);
        vstrhq_p_s16(y, bc_binary_s16_mve_eight(p, from, still ? one : vldrhq_z_s16(b, some)), some);
    }
}

static BC_KERNEL void bc_binary_s16_mve(const bc_binary_params *p, const int16_t *a, const int16_t *b, int16_t *y)
{
    for (int32_t i0 = 0; i0 < p->extent0; i0++) {
        for (int32_t i1 = 0; i1 < p->extent1; i1++) {
            for (int32_t i2 = 0; i2 < p->extent2; i2++) {
                for (int32_t i3 = 0; i3 < p->extent3; i3++) {
                    const int16_t *a_row =
                        a + i0 * p->a_stride0 + i1 * p->a_stride1 + i2 * p->a_stride2 + i3 * p->a_stride3;
                    const int16_t *b_row =
                        b + i0 * p->b_stride0 + i1 * p->b_stride1 + i2 * p->b_stride2 + i3 * p->b_stride3;
                    bc_binary_s16_mve_row(p, a_row, b_row, y, p->b_stride4 == 0);
                    y += p->extent4;
                }
            }
        }
    }
}

#endif
