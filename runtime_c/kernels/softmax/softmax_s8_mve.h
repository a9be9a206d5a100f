/* SPDX-License-Identifier: 0BSD */
/*
 * softmax for Helium, int8, rows of neighbours (inner == 1): four terms at a time, gathered from the table. Same call
 * as softmax_s8_c; shift >= BC_SOFTMAX_S8_HIGH under ONNX's rule.
 */
#ifndef BC_SOFTMAX_S8_MVE_H
#define BC_SOFTMAX_S8_MVE_H

#include <arm_mve.h>

#include "barecast/softmax_s8_c.h"

static BC_INLINE int32_t bc_softmax_s8_mve_max(const int8_t *x, int32_t count)
{
    int8_t max = INT8_MIN;
    for (; count > 0; count -= 16, x += 16) {
        const mve_pred16_t some = vctp8q((uint32_t)count);
        max = vmaxvq_p_s8(max, vldrbq_z_s8(x, some), some);
    }
    return max;
}

/* The terms of four elements, of which `some` exist; the others are 0. */
static BC_INLINE uint32x4_t bc_softmax_s8_mve_terms(
    const int32_t *table, const int8_t *x, int32x4_t max, int32_t whole, mve_pred16_t some)
{
    if (whole) {
        const uint32x4_t below = vreinterpretq_u32_s32(vsubq_s32(max, vldrbq_s32(x)));
        return vreinterpretq_u32_s32(vldrwq_gather_shifted_offset_s32(table, below));
    }
    const uint32x4_t below = vreinterpretq_u32_s32(vsubq_s32(max, vldrbq_z_s32(x, some)));
    return vreinterpretq_u32_s32(vldrwq_gather_shifted_offset_z_s32(table, below, some));
}

/* The sum of a row's terms, under TensorFlow Lite's rules of what they are in steps of 2**-19, halves up. */
static BC_INLINE uint32_t bc_softmax_s8_mve_sum(
    const int32_t *table, const int8_t *x, int32_t count, int32x4_t max, int32_t is_tflite)
{
    uint32_t sum = 0;
    for (; count >= 4; count -= 4, x += 4) {
        const uint32x4_t terms = bc_softmax_s8_mve_terms(table, x, max, 1, 0);
        sum = vaddvaq_u32(sum, is_tflite ? vrshrq_n_u32(terms, 12) : terms);
    }
    if (count > 0) {
        const uint32x4_t terms = bc_softmax_s8_mve_terms(table, x, max, 0, vctp32q((uint32_t)count));
        sum = vaddvaq_u32(sum, is_tflite ? vrshrq_n_u32(terms, 12) : terms);
    }
    return sum;
}

/* Steps of y, made outputs and stored. */
static BC_INLINE void bc_softmax_s8_mve_store(
    const bc_softmax_params *p, int8_t *y, int32x4_t steps, int32_t whole, mve_pred16_t some)
{
    const int32x4_t low = vdupq_n_s32(p->y_min), high = vdupq_n_s32(p->y_max);
    const int32x4_t v = vminq_s32(vmaxq_s32(vaddq_n_s32(steps, p->y_zero), low), high);
    if (whole) {
        vstrbq_s32(y, v);
    } else {
        vstrbq_p_s32(y, v, some);
    }
}

/* One row under TensorFlow Lite's rules: see bc_softmax_s8_c_row_tflite. Neither terms nor scale are negative. */
static BC_INLINE void bc_softmax_s8_mve_row_tflite(
    const bc_softmax_params *p, const int8_t *x, const int32_t *table, int8_t *y, int32_t count, int32x4_t max)
{
    uint32_t sum = bc_softmax_s8_mve_sum(table, x, count, max, 1);
    const int32_t headroom = __builtin_clz(sum);
    const int32_t scale = bc_reciprocal((int32_t)((sum << headroom) - 0x80000000u));
    /* VQRDMULH is bc_double_high; of a scale of 0 all is 0. */
    const int32_t exponent = 12 - headroom + 31 - 8;
    const int32_t right = exponent > 31 ? 0 : -exponent, factor = exponent > 31 ? 0 : scale;
    for (; count >= 4; count -= 4, x += 4, y += 4) {
        const int32x4_t terms = vreinterpretq_s32_u32(bc_softmax_s8_mve_terms(table, x, max, 1, 0));
        bc_softmax_s8_mve_store(p, y, vrshlq_n_s32(vqrdmulhq_n_s32(terms, factor), right), 1, 0);
    }
    if (count > 0) {
        const mve_pred16_t some = vctp32q((uint32_t)count);
        const int32x4_t terms = vreinterpretq_s32_u32(bc_softmax_s8_mve_terms(table, x, max, 0, some));
        bc_softmax_s8_mve_store(p, y, vrshlq_n_s32(vqrdmulhq_n_s32(terms, factor), right), 0, some);
    }
}

/* Four products' high words, rounded; `count` of them are decided one by one if one is near a half. */
static BC_INLINE void bc_softmax_s8_mve_four(
    const bc_softmax_params *p, const int8_t *x, const int32_t *table, int8_t *y, int32x4_t max, uint64_t factor,
    int32_t count)
{
    const int32_t whole = count >= 4;
    const mve_pred16_t some = whole ? (mve_pred16_t)0xffff : vctp32q((uint32_t)count);
    const uint32_t near = (uint32_t)1 << (p->shift - 46), fraction = ((uint32_t)1 << (p->shift - 32)) - 1u;
    const uint32x4_t terms = bc_softmax_s8_mve_terms(table, x, max, whole, some);
    uint32x4_t product = vmulhq_u32(terms, vdupq_n_u32((uint32_t)factor));
    product = vaddq_u32(product, vmulq_n_u32(terms, (uint32_t)(factor >> 32)));
    product = vaddq_n_u32(product, (uint32_t)1 << (p->shift - 33));
    const uint32x4_t beside = vandq_u32(vaddq_n_u32(product, near), vdupq_n_u32(fraction));
    if ((~(uint32_t)vcmphiq_n_u32(beside, 2 * near) & some & 0xffffu) != 0) {
        const int32_t largest = vgetq_lane_s32(max, 0);
        for (int32_t k = 0; k < 4 && k < count; ++k) {
            y[k] = bc_softmax_s8_c_one(p, (uint32_t)table[largest - x[k]], factor);
        }
        return;
    }
    const uint32x4_t steps = vminq_u32(vshlq_r_u32(product, 32 - p->shift), vdupq_n_u32(512));
    bc_softmax_s8_mve_store(p, y, vreinterpretq_s32_u32(steps), whole, some);
}

/* One row under ONNX's rule: the high words of the products, as bc_softmax_s8_c_one has them. */
static BC_INLINE void bc_softmax_s8_mve_row(
    const bc_softmax_params *p, const int8_t *x, const int32_t *table, int8_t *y, int32_t count, int32x4_t max)
{
    const uint64_t factor = ((uint64_t)(uint32_t)p->mult << 32) / bc_softmax_s8_mve_sum(table, x, count, max, 0);
    for (; count >= 4; count -= 4, x += 4, y += 4) {
        bc_softmax_s8_mve_four(p, x, table, y, max, factor, 4);
    }
    if (count > 0) {
        bc_softmax_s8_mve_four(p, x, table, y, max, factor, count);
    }
}

static BC_KERNEL void bc_softmax_s8_mve(const bc_softmax_params *p, const int8_t *x, const int32_t *table, int8_t *y)
{
    for (int32_t row = 0; row < p->outer; ++row) {
        int32_t count = p->extent;
        /* A compiler that knows the number unrolls the loops, predicates and all. */
        __asm__("" : "+r"(count));
        const int32x4_t max = vdupq_n_s32(bc_softmax_s8_mve_max(x, count));
        if (p->ties >= BC_TIES_TFLITE) {
            bc_softmax_s8_mve_row_tflite(p, x, table, y, count, max);
        } else {
            bc_softmax_s8_mve_row(p, x, table, y, count, max);
        }
        x += p->extent;
        y += p->extent;
    }
}

#endif
