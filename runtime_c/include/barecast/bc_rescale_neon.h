/* SPDX-License-Identifier: 0BSD */
/*
 * One factor for all lanes, known at compile time: bc_requantize in vectors, exact for BC_TIES_TFLITE with a shift of
 * 31 and more, for BC_TIES_UP and BC_TIES_TFLITE_SINGLE with one of 32 and more. SQDMULH and SQRDMULH are as in
 * bc_neon.h. With n = shift - 31, SRSHL by -n adds half of 2**n and shifts without overflow; what SQDMULH has cut off
 * lies below the half's last place. The same condition for kernels that cannot do without:
 * sdk/barecast/layouts/neon_vectors.py.
 */
#ifndef BC_RESCALE_NEON_H
#define BC_RESCALE_NEON_H

#include <arm_neon.h>

#include "barecast/bc_math.h"

static BC_INLINE int32_t bc_rescale_neon_fits(int32_t shift, int32_t ties)
{
    return ties == BC_TIES_TFLITE ? shift >= 31 : ties != BC_TIES_EVEN && shift >= 32;
}

static BC_INLINE int32x4_t bc_rescale_neon(int32x4_t value, int32_t mult, int32_t shift, int32_t ties)
{
    if (ties != BC_TIES_TFLITE) {
        return vrshlq_s32(vqdmulhq_n_s32(value, mult), vdupq_n_s32(31 - shift));
    }
    value = vqrdmulhq_n_s32(value, mult);
    return shift > 31 ? vrshlq_s32(vsraq_n_s32(value, value, 31), vdupq_n_s32(31 - shift)) : value;
}

/* Eight of them as int16, a zero point added. Saturation does no harm: what it changes lies beyond int8. */
static BC_INLINE int16x8_t bc_rescale_neon_eight(
    int32x4_t a, int32x4_t b, int32_t mult, int32_t shift, int32_t ties, int32_t zero)
{
    const int16x4_t first = vqmovn_s32(bc_rescale_neon(a, mult, shift, ties));
    const int16x8_t steps = vcombine_s16(first, vqmovn_s32(bc_rescale_neon(b, mult, shift, ties)));
    return vqaddq_s16(steps, vdupq_n_s16((int16_t)zero));
}

#endif
