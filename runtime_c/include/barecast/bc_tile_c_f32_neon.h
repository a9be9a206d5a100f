/* SPDX-License-Identifier: 0BSD */
/*
 * The tiles of bc_tile_f32_neon.h in C, where that has none: eight of a tile's channels at a time, since Armv7-A has 16
 * registers.
 */
#ifndef BC_TILE_C_F32_NEON_H
#define BC_TILE_C_F32_NEON_H

#include "barecast/bc_window_f32_neon.h"

#ifndef BC_F32_NEON_ASSEMBLY

#ifdef __aarch64__
#define BC_F32_NEON_MAC(acc, w, x, lane) vfmaq_lane_f32(acc, w, x, lane)
#else
#define BC_F32_NEON_MAC(acc, w, x, lane) vmlaq_lane_f32(acc, w, x, lane)
#endif

/* A number of each of four pixels by quads (1 or 2) quads of channels. */
#define BC_F32_NEON_STEP(lane) \
    do { \
        const float32x4_t w0 = vld1q_f32(w), w1 = vld1q_f32(w + (quads > 1 ? 4 : 0)); \
        a0 = BC_F32_NEON_MAC(a0, w0, x0, lane); \
        a1 = BC_F32_NEON_MAC(a1, w0, x1, lane); \
        a2 = BC_F32_NEON_MAC(a2, w0, x2, lane); \
        a3 = BC_F32_NEON_MAC(a3, w0, x3, lane); \
        if (quads > 1) { \
            b0 = BC_F32_NEON_MAC(b0, w1, x0, lane); \
            b1 = BC_F32_NEON_MAC(b1, w1, x1, lane); \
            b2 = BC_F32_NEON_MAC(b2, w1, x2, lane); \
            b3 = BC_F32_NEON_MAC(b3, w1, x3, lane); \
        } \
        w += width; \
    } while (0)

/* Four pixels by 4 * quads channels of a tile of `width`. */
static BC_INLINE void bc_f32_neon_four(
    const float *const *x, const float *w, const float *bias, float *const y[4], int32_t width, int32_t quads,
    const bc_f32_neon_window *window, const bc_f32_neon_bounds *bounds)
{
    const int32_t numbers = (int32_t)(8 * window->eights + window->rest);
    const int32_t second = quads > 1 ? 4 : 0;
    const float *p0 = x[0], *p1 = x[1], *p2 = x[2], *p3 = x[3];
    float32x4_t a0 = vld1q_f32(bias), b0 = vld1q_f32(bias + second);
    float32x4_t a1 = a0, a2 = a0, a3 = a0, b1 = b0, b2 = b0, b3 = b0;
    for (int32_t segment = 0; segment < (int32_t)window->segments; ++segment) {
        const int64_t next = segment > 0 ? window->next / 4 : 0;
        p0 += next;
        p1 += next;
        p2 += next;
        p3 += next;
        for (int32_t k = 0; k < numbers / 2; ++k) {
            const float32x2_t x0 = vld1_f32(p0), x1 = vld1_f32(p1), x2 = vld1_f32(p2), x3 = vld1_f32(p3);
            BC_F32_NEON_STEP(0);
            BC_F32_NEON_STEP(1);
            p0 += 2;
            p1 += 2;
            p2 += 2;
            p3 += 2;
        }
        if (numbers % 2) {
            const float32x2_t x0 = vld1_dup_f32(p0++), x1 = vld1_dup_f32(p1++);
            const float32x2_t x2 = vld1_dup_f32(p2++), x3 = vld1_dup_f32(p3++);
            BC_F32_NEON_STEP(0);
        }
    }
    vst1q_f32(y[0], bc_f32_neon_limit(a0, bounds));
    vst1q_f32(y[1], bc_f32_neon_limit(a1, bounds));
    vst1q_f32(y[2], bc_f32_neon_limit(a2, bounds));
    vst1q_f32(y[3], bc_f32_neon_limit(a3, bounds));
    if (quads > 1) {
        vst1q_f32(y[0] + 4, bc_f32_neon_limit(b0, bounds));
        vst1q_f32(y[1] + 4, bc_f32_neon_limit(b1, bounds));
        vst1q_f32(y[2] + 4, bc_f32_neon_limit(b2, bounds));
        vst1q_f32(y[3] + 4, bc_f32_neon_limit(b3, bounds));
    }
}

/* All channels of a tile of `width`; the rest as in bc_tile_f32_neon.h. */
static BC_INLINE void bc_f32_neon_blocks(
    const float *const *x, int64_t blocks, const float *w, const float *bias, float *y, int64_t s, int64_t s2,
    int64_t s3, int32_t width, const bc_f32_neon_window *window, const bc_f32_neon_bounds *bounds)
{
    for (; blocks > 0; --blocks) {
        float *const to[4] = {y, y + s / 4, y + (s + s2) / 4, y + (s + s2 + s3) / 4};
        for (int32_t o = 0; o < width; o += 8) {
            float *const at[4] = {to[0] + o, to[1] + o, to[2] + o, to[3] + o};
            bc_f32_neon_four(x, w + o, bias + o, at, width, width > 4 ? 2 : 1, window, bounds);
        }
        x += 4;
        y = to[3] + s / 4;
    }
}

static BC_INLINE void bc_f32_neon_16x4(
    const float *const *x, int64_t blocks, const float *w, const float *bias, float *y, int64_t s, int64_t s2,
    int64_t s3, const bc_f32_neon_window *window, const bc_f32_neon_bounds *bounds)
{
    bc_f32_neon_blocks(x, blocks, w, bias, y, s, s2, s3, 16, window, bounds);
}

static BC_INLINE void bc_f32_neon_8x4(
    const float *const *x, int64_t blocks, const float *w, const float *bias, float *y, int64_t s, int64_t s2,
    int64_t s3, const bc_f32_neon_window *window, const bc_f32_neon_bounds *bounds)
{
    bc_f32_neon_blocks(x, blocks, w, bias, y, s, s2, s3, 8, window, bounds);
}

static BC_INLINE void bc_f32_neon_4x4(
    const float *const *x, int64_t blocks, const float *w, const float *bias, float *y, int64_t s, int64_t s2,
    int64_t s3, const bc_f32_neon_window *window, const bc_f32_neon_bounds *bounds)
{
    bc_f32_neon_blocks(x, blocks, w, bias, y, s, s2, s3, 4, window, bounds);
}

/* One pixel by 4 * quads channels of a tile, quads 1, 2 or 4: even products and odd ones. */
static BC_INLINE void bc_f32_neon_one(
    const float *x, const float *w, const float *bias, float *y, int32_t quads, const bc_f32_neon_window *window,
    const bc_f32_neon_bounds *bounds)
{
    const int32_t numbers = (int32_t)(8 * window->eights + window->rest);
    float32x4_t even[4], odd[4];
    for (int32_t q = 0; q < quads; ++q) {
        even[q] = vld1q_f32(bias + 4 * q);
        odd[q] = vdupq_n_f32(0.0f);
    }
    for (int32_t segment = 0; segment < (int32_t)window->segments; ++segment) {
        x += segment > 0 ? window->next / 4 : 0;
        for (int32_t k = 0; k < numbers / 2; ++k) {
            const float32x2_t two = vld1_f32(x);
            for (int32_t q = 0; q < quads; ++q) {
                even[q] = BC_F32_NEON_MAC(even[q], vld1q_f32(w + 4 * q), two, 0);
                odd[q] = BC_F32_NEON_MAC(odd[q], vld1q_f32(w + 4 * (quads + q)), two, 1);
            }
            x += 2;
            w += 8 * quads;
        }
        if (numbers % 2) {
            const float32x2_t one = vld1_dup_f32(x++);
            for (int32_t q = 0; q < quads; ++q) {
                even[q] = BC_F32_NEON_MAC(even[q], vld1q_f32(w + 4 * q), one, 0);
            }
            w += 4 * quads;
        }
    }
    for (int32_t q = 0; q < quads; ++q) {
        vst1q_f32(y + 4 * q, bc_f32_neon_limit(vaddq_f32(even[q], odd[q]), bounds));
    }
}

static BC_INLINE void bc_f32_neon_16x1(
    const float *x, const float *w, const float *bias, float *y, const bc_f32_neon_window *window,
    const bc_f32_neon_bounds *bounds)
{
    bc_f32_neon_one(x, w, bias, y, 4, window, bounds);
}

static BC_INLINE void bc_f32_neon_8x1(
    const float *x, const float *w, const float *bias, float *y, const bc_f32_neon_window *window,
    const bc_f32_neon_bounds *bounds)
{
    bc_f32_neon_one(x, w, bias, y, 2, window, bounds);
}

static BC_INLINE void bc_f32_neon_4x1(
    const float *x, const float *w, const float *bias, float *y, const bc_f32_neon_window *window,
    const bc_f32_neon_bounds *bounds)
{
    bc_f32_neon_one(x, w, bias, y, 1, window, bounds);
}

#endif

#endif
