/* SPDX-License-Identifier: 0BSD */
/* Moving float32 numbers with NEON: nothing beside the stated ones is read or written. */
#ifndef BC_FLOATS_NEON_H
#define BC_FLOATS_NEON_H

#include <arm_neon.h>

#include "barecast/bc.h"

/* Numbers are moved by loops that compilers shall not take for calls of memset and memcpy: there are few of them. */
#define BC_F32_NEON_OWN_LOOP __asm__ volatile("")

/* count zeros at `to`; returns where they end. */
static BC_INLINE float *bc_f32_neon_zeros(float *to, int32_t count)
{
    for (; count >= 4; count -= 4) {
        BC_F32_NEON_OWN_LOOP;
        vst1q_f32(to, vdupq_n_f32(0.0f));
        to += 4;
    }
    if (count & 2) {
        vst1_f32(to, vdup_n_f32(0.0f));
        to += 2;
    }
    if (count & 1) {
        *to++ = 0.0f;
    }
    return to;
}

/* The same for count numbers of `from`, which do not overlap. */
static BC_INLINE float *bc_f32_neon_copy(float *to, const float *from, int32_t count)
{
    for (; count >= 8; count -= 8) {
        const float32x4_t a = vld1q_f32(from), b = vld1q_f32(from + 4);
        BC_F32_NEON_OWN_LOOP;
        vst1q_f32(to, a);
        vst1q_f32(to + 4, b);
        from += 8;
        to += 8;
    }
    if (count & 4) {
        vst1q_f32(to, vld1q_f32(from));
        from += 4;
        to += 4;
    }
    if (count & 2) {
        vst1_f32(to, vld1_f32(from));
        from += 2;
        to += 2;
    }
    if (count & 1) {
        *to++ = *from;
    }
    return to;
}

#endif
