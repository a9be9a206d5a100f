/* SPDX-License-Identifier: 0BSD */
/*
 * binary for Helium, int8: add and subs, where a and b are contiguous along the innermost loop. Four elements at a
 * time in int32, in a tail-predicated loop. Not for ONNX's ties or `wide`; under TensorFlow Lite's rule of two
 * roundings shifts of at least 31, which they are but for absurd scales.
 */
#ifndef BC_BINARY_S8_MVE_H
#define BC_BINARY_S8_MVE_H

#include <arm_mve.h>

#include "barecast/bc_math.h"
#include "barecast/binary.h"

/* y = clamp((a * a_mult + b * b_mult + bias) >> shift), count elements. */
static BC_INLINE void bc_binary_s8_mve_sum(
    const bc_binary_params *p, const int8_t *a, const int8_t *b, int8_t *y, int32_t count)
{
    const int32x4_t low = vdupq_n_s32(p->y_min), high = vdupq_n_s32(p->y_max);
    __asm__ volatile(
        "wlstp.32 lr, %[count], 2f\n"
        "1:\n"
        "vldrb.s32 q0, [%[a]], #4\n"
        "vldrb.s32 q1, [%[b]], #4\n"
        "vmul.i32 q0, q0, %[a_mult]\n"
        "vmla.s32 q0, q1, %[b_mult]\n"
        "vadd.i32 q0, q0, %[bias]\n"
        "vshl.s32 q0, %[shift]\n"
        "vmax.s32 q0, q0, %q[low]\n"
        "vmin.s32 q0, q0, %q[high]\n"
        "vstrb.32 q0, [%[y]], #4\n"
        "letp lr, 1b\n"
        "2:\n"
        : [a] "+l"(a), [b] "+l"(b), [y] "+l"(y)
        : [count] "r"(count), [a_mult] "r"(p->a_mult), [b_mult] "r"(p->b_mult), [bias] "r"(p->bias),
          [shift] "r"(-p->shift), [low] "w"(low), [high] "w"(high)
        : "q0", "q1", "lr", "cc", "memory");
}

/* bc_requantize with BC_TIES_TFLITE, 31 <= shift: VQRDMULH is the first rounding (see bc_mve.h). */
static BC_INLINE int32x4_t bc_binary_s8_mve_rescale(int32x4_t value, int32_t multiplier, int32_t shift)
{
    value = vqrdmulhq_n_s32(value, multiplier);
    if (shift > 31) {
        value = vrshlq_n_s32(vaddq_s32(value, vshrq_n_s32(value, 31)), 31 - shift);
    }
    return value;
}

/* clamp(R(R((a - a_zero) * 2**20) +- R((b - b_zero) * 2**20)) + y_zero) of four elements. */
static BC_INLINE int32x4_t bc_binary_s8_mve_four(
    const bc_binary_params *p, int32x4_t a, int32x4_t b, int32x4_t low, int32x4_t high)
{
    a = bc_binary_s8_mve_rescale(vaddq_n_s32(vshlq_n_s32(a, 20), -p->a_zero * (1 << 20)), p->a_mult, p->a_shift);
    b = bc_binary_s8_mve_rescale(vaddq_n_s32(vshlq_n_s32(b, 20), -p->b_zero * (1 << 20)), p->b_mult, p->b_shift);
    const int32x4_t sum = p->kind == BC_BINARY_ADD   ? vaddq_s32(a, b)
                          : p->kind == BC_BINARY_SUB ? vsubq_s32(a, b)
                                                     : vsubq_s32(b, a);
    const int32x4_t value = vaddq_n_s32(bc_binary_s8_mve_rescale(sum, p->y_mult, p->shift), p->y_zero);
    return vminq_s32(vmaxq_s32(value, low), high);
}

/* `count` elements under TensorFlow Lite's rule. */
static BC_INLINE void bc_binary_s8_mve_tflite(
    const bc_binary_params *p, const int8_t *a, const int8_t *b, int8_t *y, int32_t count)
{
    const int32x4_t low = vdupq_n_s32(p->y_min), high = vdupq_n_s32(p->y_max);
    /* A compiler that knows their distances makes one pointer and three additions of these. */
    __asm__("" : "+r"(a), "+r"(b), "+r"(y));
    for (; count >= 4; count -= 4, a += 4, b += 4, y += 4) {
        vstrbq_s32(y, bc_binary_s8_mve_four(p, vldrbq_s32(a), vldrbq_s32(b), low, high));
    }
    if (count > 0) {
        const mve_pred16_t some = vctp32q((uint32_t)count);
        const int32x4_t a_some = vldrbq_z_s32(a, some), b_some = vldrbq_z_s32(b, some);
        vstrbq_p_s32(y, bc_binary_s8_mve_four(p, a_some, b_some, low, high), some);
    }
}

static BC_KERNEL void bc_binary_s8_mve(const bc_binary_params *p, const int8_t *a, const int8_t *b, int8_t *y)
{
    for (int32_t i0 = 0; i0 < p->extent0; i0++) {
        for (int32_t i1 = 0; i1 < p->extent1; i1++) {
            for (int32_t i2 = 0; i2 < p->extent2; i2++) {
                for (int32_t i3 = 0; i3 < p->extent3; i3++) {
                    const int8_t *a_row =
                        a + i0 * p->a_stride0 + i1 * p->a_stride1 + i2 * p->a_stride2 + i3 * p->a_stride3;
                    const int8_t *b_row =
                        b + i0 * p->b_stride0 + i1 * p->b_stride1 + i2 * p->b_stride2 + i3 * p->b_stride3;
                    if (p->ties == BC_TIES_TFLITE) {
                        bc_binary_s8_mve_tflite(p, a_row, b_row, y, p->extent4);
                    } else {
                        bc_binary_s8_mve_sum(p, a_row, b_row, y, p->extent4);
                    }
                    y += p->extent4;
                }
            }
        }
    }
}

#endif
