/* SPDX-License-Identifier: 0BSD */
/* What the float32 kernels for NEON share: windows of x, bounds of results, and where there is assembly. */
#ifndef BC_WINDOW_F32_NEON_H
#define BC_WINDOW_F32_NEON_H

#include <arm_neon.h>
#include <float.h>

#include "barecast/bc.h"

/* One copy for all steps, whatever the compiler thinks. */
#if defined(__clang__)
#define BC_F32_NEON_SHARED static __attribute__((noinline, unused))
#else
#define BC_F32_NEON_SHARED static __attribute__((noinline, noclone, unused))
#endif

/*
 * Where a window's numbers lie: `segments` stretches of 8 * eights + rest numbers, rest at most 7, each one `next`
 * bytes behind the end of the one before.
 */
typedef struct {
    int64_t eights, rest, segments, next;
} bc_f32_neon_window;

/* What a value becomes; each bound four times. NaN passes. which: 1 if there is a lower bound, 2 if an upper, or 3. */
typedef struct {
    float low[4], high[4];
    int32_t which;
} bc_f32_neon_bounds;

static BC_INLINE bc_f32_neon_window bc_f32_neon_window_of(int32_t segments, int32_t length, int64_t next)
{
    const bc_f32_neon_window window = {length / 8, length % 8, segments, next};
    return window;
}

/* -FLT_MAX and FLT_MAX are no bounds: infinities pass them. */
static BC_INLINE bc_f32_neon_bounds bc_f32_neon_bounds_of(float low, float high)
{
    const int32_t below = low > -FLT_MAX, above = high < FLT_MAX;
    const float least = below ? low : -(float)__builtin_inf(), most = above ? high : (float)__builtin_inf();
    const bc_f32_neon_bounds bounds = {
        {least, least, least, least}, {most, most, most, most}, (below ? 1 : 0) + (above ? 2 : 0)};
    return bounds;
}

static BC_INLINE float32x4_t bc_f32_neon_limit(float32x4_t value, const bc_f32_neon_bounds *bounds)
{
    return vminq_f32(vmaxq_f32(value, vld1q_f32(bounds->low)), vld1q_f32(bounds->high));
}

/* A product and its addition are rounded once where the core can. */
#ifdef __aarch64__
#define BC_F32_NEON_MULTIPLY_ADD(acc, a, b) vfmaq_f32(acc, a, b)
#else
#define BC_F32_NEON_MULTIPLY_ADD(acc, a, b) vmlaq_f32(acc, a, b)
#endif

/* Where bc_tile_f32_neon.h has the tiles; elsewhere it is bc_tile_c_f32_neon.h. */
#if defined(__aarch64__) && !defined(__AARCH64EB__) && !defined(BC_NO_ASSEMBLY)
#define BC_F32_NEON_ASSEMBLY
#endif

#endif
