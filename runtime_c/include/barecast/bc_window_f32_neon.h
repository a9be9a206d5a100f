/* SPDX-License-Identifier: 0BSD */
/* What the float32 tiles for NEON take: windows of x and bounds of results (bc_tile_f32_neon.h). */
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
 * Where a window's numbers lie: `segments` stretches of 8 * eights + 4 * fours + ones numbers, fours at most 1 and ones
 * at most 3, each one `next` bytes behind the end of the one before.
 */
typedef struct {
    int64_t segments, eights, fours, ones, next;
} bc_f32_neon_window;

/* What a value becomes. NaN passes, and -FLT_MAX and FLT_MAX are no bounds (limited is 0 if neither is one). */
typedef struct {
    float low, high;
    int32_t limited;
} bc_f32_neon_bounds;

static BC_INLINE bc_f32_neon_window bc_f32_neon_window_of(int32_t segments, int32_t length, int64_t next)
{
    const bc_f32_neon_window window = {segments, length / 8, length % 8 / 4, length % 4, next};
    return window;
}

static BC_INLINE bc_f32_neon_bounds bc_f32_neon_bounds_of(float low, float high)
{
    const int32_t below = low > -FLT_MAX, above = high < FLT_MAX;
    const bc_f32_neon_bounds bounds = {
        below ? low : -(float)__builtin_inf(), above ? high : (float)__builtin_inf(), below | above};
    return bounds;
}

/* Where bc_tile_f32_neon.h has the tiles; elsewhere it is bc_tile_c_f32_neon.h. */
#if defined(__aarch64__) && !defined(__AARCH64EB__) && !defined(BC_NO_ASSEMBLY)
#define BC_F32_NEON_ASSEMBLY
#endif

#endif
