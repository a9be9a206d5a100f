/* SPDX-License-Identifier: 0BSD */
/*
 * float32 with Helium: sums of products for 16, 8 or 4 output channels, a product and its addition rounded once.
 *
 * Weights lie in tiles, as many of 16 channels as there are, then one of 8 and one of 4 where these are needed:
 * w [tiles][depth][16, 8 or 4], zeros for channels that do not exist.
 */
#ifndef BC_F32_MVE_H
#define BC_F32_MVE_H

#include <arm_mve.h>
#include <float.h>

#include "barecast/bc.h"

/* acc[i] += the products of x[0 .. n) and the quad i of each of n rows of weights, i < quads: 1, 2 or 4, a constant. */
static BC_INLINE void bc_mve_fma(float32x4_t acc[4], const float *x, const float *w, int32_t quads, int32_t n)
{
    float32x4_t four;
    int32_t one;
    if (quads == 4) {
        __asm__ volatile(
            "wls lr, %[n], 2f\n"
            "1:\n"
            "ldr %[one], [%[x]], #4\n"
            "vldrw.u32 %q[four], [%[w]], #16\n"
            "vfma.f32 %q[a], %q[four], %[one]\n"
            "vldrw.u32 %q[four], [%[w]], #16\n"
            "vfma.f32 %q[b], %q[four], %[one]\n"
            "vldrw.u32 %q[four], [%[w]], #16\n"
            "vfma.f32 %q[c], %q[four], %[one]\n"
            "vldrw.u32 %q[four], [%[w]], #16\n"
            "vfma.f32 %q[d], %q[four], %[one]\n"
            "le lr, 1b\n"
            "2:\n"
            : [a] "+w"(acc[0]), [b] "+w"(acc[1]), [c] "+w"(acc[2]), [d] "+w"(acc[3]), [x] "+r"(x), [w] "+r"(w),
              [one] "=&r"(one), [four] "=&w"(four)
            : [n] "r"(n)
            : "lr", "cc", "memory");
    } else if (quads == 2) {
        __asm__ volatile(
            "wls lr, %[n], 2f\n"
            "1:\n"
            "ldr %[one], [%[x]], #4\n"
            "vldrw.u32 %q[four], [%[w]], #16\n"
            "vfma.f32 %q[a], %q[four], %[one]\n"
            "vldrw.u32 %q[four], [%[w]], #16\n"
            "vfma.f32 %q[b], %q[four], %[one]\n"
            "le lr, 1b\n"
            "2:\n"
            : [a] "+w"(acc[0]), [b] "+w"(acc[1]), [x] "+r"(x), [w] "+r"(w), [one] "=&r"(one), [four] "=&w"(four)
            : [n] "r"(n)
            : "lr", "cc", "memory");
    } else {
        __asm__ volatile(
            "wls lr, %[n], 2f\n"
            "1:\n"
            "ldr %[one], [%[x]], #4\n"
            "vldrw.u32 %q[four], [%[w]], #16\n"
            "vfma.f32 %q[a], %q[four], %[one]\n"
            "le lr, 1b\n"
            "2:\n"
            : [a] "+w"(acc[0]), [x] "+r"(x), [w] "+r"(w), [one] "=&r"(one), [four] "=&w"(four)
            : [n] "r"(n)
            : "lr", "cc", "memory");
    }
}

/* Quads of the tile at channel o of out_c. */
static BC_INLINE int32_t bc_mve_f32_quads(int32_t o, int32_t out_c)
{
    const int32_t left = (out_c - o + 3) / 4;
    return left >= 4 ? 4 : left >= 2 ? 2 : 1;
}

/* acc[i] = the quad i of bias, whose first `left` elements exist. */
static BC_INLINE void bc_mve_f32_begin(float32x4_t acc[4], const float *bias, int32_t quads, int32_t left)
{
    for (int32_t i = 0; i < quads; ++i) {
        acc[i] = vldrwq_z_f32(bias + 4 * i, vctp32q((uint32_t)(left - 4 * i)));
    }
}

/*
 * bc_clamp_f32 in lanes: NaN passes, -FLT_MAX and FLT_MAX are no bounds. VCMP's "less" is "not greater or equal", which
 * is true of NaN; its "greater" is not. clang 19 writes "less" where it knows that the bound is 0, so it must not know.
 */
static BC_INLINE float32x4_t bc_mve_f32_clamp(float32x4_t value, float low, float high)
{
    if (low > -FLT_MAX) {
        float32x4_t least = vdupq_n_f32(low);
        __asm__("" : "+w"(least));
        value = vpselq_f32(least, value, vcmpgtq_f32(least, value));
    }
    if (high < FLT_MAX) {
        value = vpselq_f32(vdupq_n_f32(high), value, vcmpgtq_n_f32(value, high));
    }
    return value;
}

/* The clamped quads to y, whose first `left` elements exist. */
static BC_INLINE void bc_mve_f32_end(
    float *y, const float32x4_t acc[4], int32_t quads, int32_t left, float low, float high)
{
    for (int32_t i = 0; i < quads; ++i) {
        vstrwq_p_f32(y + 4 * i, bc_mve_f32_clamp(acc[i], low, high), vctp32q((uint32_t)(left - 4 * i)));
    }
}

#endif
