/* SPDX-License-Identifier: 0BSD */
/*
 * binary for Helium, int8, where a is contiguous along the innermost loop and b contiguous or one number: four sums or
 * eight products at a time. Not for ONNX's ties or `wide`; shifts of at least 31 under TensorFlow Lite's rule of two
 * roundings (they are, but for absurd scales), of at least 33 for products under the others.
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

/* The same where b adds `fixed`, bias included. */
static BC_INLINE void bc_binary_s8_mve_more(
    const bc_binary_params *p, const int8_t *a, int32_t fixed, int8_t *y, int32_t count)
{
    const int32x4_t low = vdupq_n_s32(p->y_min), high = vdupq_n_s32(p->y_max);
    __asm__ volatile(
        "wlstp.32 lr, %[count], 2f\n"
        "1:\n"
        "vldrb.s32 q0, [%[a]], #4\n"
        "vmul.i32 q0, q0, %[a_mult]\n"
        "vadd.i32 q0, q0, %[fixed]\n"
        "vshl.s32 q0, %[shift]\n"
        "vmax.s32 q0, q0, %q[low]\n"
        "vmin.s32 q0, q0, %q[high]\n"
        "vstrb.32 q0, [%[y]], #4\n"
        "letp lr, 1b\n"
        "2:\n"
        : [a] "+l"(a), [y] "+l"(y)
        : [count] "r"(count), [a_mult] "r"(p->a_mult), [fixed] "r"(fixed), [shift] "r"(-p->shift), [low] "w"(low),
          [high] "w"(high)
        : "q0", "lr", "cc", "memory");
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

/* R((v - zero) * 2**20), what an operand adds under TensorFlow Lite's rule. */
static BC_INLINE int32x4_t bc_binary_s8_mve_in(int32x4_t v, int32_t zero, int32_t mult, int32_t shift)
{
    return bc_binary_s8_mve_rescale(vaddq_n_s32(vshlq_n_s32(v, 20), -zero * (1 << 20)), mult, shift);
}

/* clamp(R(R((a - a_zero) * 2**20) +- b) + y_zero) of four elements. */
static BC_INLINE int32x4_t bc_binary_s8_mve_four(
    const bc_binary_params *p, int32x4_t a, int32x4_t b, int32x4_t low, int32x4_t high)
{
    a = bc_binary_s8_mve_in(a, p->a_zero, p->a_mult, p->a_shift);
    const int32x4_t sum = p->kind == BC_BINARY_ADD   ? vaddq_s32(a, b)
                          : p->kind == BC_BINARY_SUB ? vsubq_s32(a, b)
                                                     : vsubq_s32(b, a);
    const int32x4_t value = vaddq_n_s32(bc_binary_s8_mve_rescale(sum, p->y_mult, p->shift), p->y_zero);
    return vminq_s32(vmaxq_s32(value, low), high);
}

/* `count` sums under TensorFlow Lite's rule; still: b is one number. */
static BC_INLINE void bc_binary_s8_mve_tflite(
    const bc_binary_params *p, const int8_t *a, const int8_t *b, int8_t *y, int32_t count, int32_t still)
{
    const int32x4_t low = vdupq_n_s32(p->y_min), high = vdupq_n_s32(p->y_max);
    const int32x4_t one = bc_binary_s8_mve_in(vdupq_n_s32(*b), p->b_zero, p->b_mult, p->b_shift);
#define BC_BINARY_B(load) (still ? one : bc_binary_s8_mve_in(load, p->b_zero, p->b_mult, p->b_shift))
    /* A compiler that knows their distances makes one pointer and three additions of these. */
    __asm__("" : "+r"(a), "+r"(b), "+r"(y));
    for (; count >= 4; count -= 4, a += 4, b += 4, y += 4) {
        vstrbq_s32(y, bc_binary_s8_mve_four(p, vldrbq_s32(a), BC_BINARY_B(vldrbq_s32(b)), low, high));
    }
    if (count > 0) {
        const mve_pred16_t some = vctp32q((uint32_t)count);
        const int32x4_t a_some = vldrbq_z_s32(a, some);
        vstrbq_p_s32(y, bc_binary_s8_mve_four(p, a_some, BC_BINARY_B(vldrbq_z_s32(b, some)), low, high), some);
    }
#undef BC_BINARY_B
}

/* Four rounded products: mult is that of the rule. */
static BC_INLINE int32x4_t bc_binary_s8_mve_rounded(const bc_binary_params *p, int32x4_t product, int32x4_t mult)
{
    if (p->ties == BC_TIES_TFLITE) {
        return bc_binary_s8_mve_rescale(product, p->y_mult, p->shift);
    }
    return vrshlq_n_s32(vmulhq_s32(product, mult), 32 - p->shift);
}

/* Eight products of the differences a and b. Saturation to 16 bits and then beside y_zero changes no clamped result. */
static BC_INLINE int16x8_t bc_binary_s8_mve_eight(const bc_binary_params *p, int16x8_t a, int16x8_t b, int32x4_t mult)
{
    const int32x4_t even = bc_binary_s8_mve_rounded(p, vmullbq_int_s16(a, b), mult);
    const int32x4_t odd = bc_binary_s8_mve_rounded(p, vmulltq_int_s16(a, b), mult);
    int16x8_t y = vqmovntq_s32(vqmovnbq_s32(vuninitializedq_s16(), even), odd);
    y = vqaddq_n_s16(y, (int16_t)p->y_zero);
    return vminq_s16(vmaxq_s16(y, vdupq_n_s16((int16_t)p->y_min)), vdupq_n_s16((int16_t)p->y_max));
}

/* `count` products; still: b is one number. */
static BC_INLINE void bc_binary_s8_mve_products(
    const bc_binary_params *p, const int8_t *a, const int8_t *b, int8_t *y, int32_t count, int32_t still)
{
    const int16_t a_less = (int16_t)-p->a_zero, b_less = (int16_t)-p->b_zero;
    const int32x4_t mult = vdupq_n_s32(p->ties == BC_TIES_UP ? p->a_mult : p->y_mult);
    const int16x8_t one = vdupq_n_s16((int16_t)(*b - p->b_zero));
#define BC_BINARY_B(load) (still ? one : vaddq_n_s16(load, b_less))
    __asm__("" : "+r"(a), "+r"(b), "+r"(y));
    for (; count >= 8; count -= 8, a += 8, b += 8, y += 8) {
        const int16x8_t from = vaddq_n_s16(vldrbq_s16(a), a_less);
        vstrbq_s16(y, bc_binary_s8_mve_eight(p, from, BC_BINARY_B(vldrbq_s16(b)), mult));
    }
    if (count > 0) {
        const mve_pred16_t some = vctp16q((uint32_t)count);
        const int16x8_t from = vaddq_n_s16(vldrbq_z_s16(a, some), a_less);
        vstrbq_p_s16(y, bc_binary_s8_mve_eight(p, from, BC_BINARY_B(vldrbq_z_s16(b, some)), mult), some);
    }
#undef BC_BINARY_B
}

/* extent4 elements; still: b is one number. */
static BC_INLINE void bc_binary_s8_mve_row(
    const bc_binary_params *p, const int8_t *a, const int8_t *b, int8_t *y, int32_t still)
{
    if (p->kind == BC_BINARY_MUL) {
        bc_binary_s8_mve_products(p, a, b, y, p->extent4, still);
    } else if (p->ties == BC_TIES_TFLITE) {
        bc_binary_s8_mve_tflite(p, a, b, y, p->extent4, still);
    } else if (still) {
        bc_binary_s8_mve_more(p, a, *b * p->b_mult + p->bias, y, p->extent4);
    } else {
        bc_binary_s8_mve_sum(p, a, b, y, p->extent4);
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
                    bc_binary_s8_mve_row(p, a_row, b_row, y, p->b_stride4 == 0);
                    y += p->extent4;
                }
            }
        }
    }
}

#endif
