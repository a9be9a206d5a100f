/* SPDX-License-Identifier: 0BSD */
/*
 * softmax for the DSP extension, int8, rows of 4 to 2047 neighbours (inner == 1), four elements at a time; y_min and
 * y_max are those of int8. Under ONNX's rule mult / 2**(shift - 32) < 512, shift >= 48, and the table's terms come
 * times 2**up (bc_softmax_s8_dsp_up), so that the largest is 2**30.
 */
#ifndef BC_SOFTMAX_S8_DSP_H
#define BC_SOFTMAX_S8_DSP_H

#include "barecast/bc_dsp.h"
#include "barecast/softmax_s8_c.h"

/* Two pairs, saturated, as bytes: those of `even` are bytes 0 and 2. */
static BC_INLINE uint32_t bc_softmax_s8_dsp_bytes(int32_t even, int32_t odd)
{
    __asm__("ssat16 %0, #8, %0\n\tssat16 %1, #8, %1" : "+r"(even), "+r"(odd));
    return ((uint32_t)even & 0x00ff00ffu) | (((uint32_t)odd & 0x00ff00ffu) << 8);
}

/* A pair of what two words have in their high halves. */
static BC_INLINE int32_t bc_softmax_s8_dsp_high(int32_t low, int32_t high)
{
    int32_t pair;
    __asm__("pkhtb %0, %1, %2, asr #16" : "=r"(pair) : "r"(high), "r"(low));
    return pair;
}

/* `ones` with 0 in each half where that of `pair` is below that of `least`, all of them without sign. */
static BC_INLINE int32_t bc_softmax_s8_dsp_reached(int32_t ones, int32_t pair, int32_t least)
{
    int32_t difference;
    __asm__("usub16 %1, %2, %3\n\tsel %0, %0, %4"
            : "+r"(ones), "=&r"(difference)
            : "r"(pair), "r"(least), "r"(0)
            : "cc");
    return ones;
}

/* How far four elements are below the maximum, of which each byte of `max` is one. */
static BC_INLINE uint32_t bc_softmax_s8_dsp_below(uint32_t max, const int8_t *x)
{
    uint32_t difference;
    __asm__("usub8 %0, %1, %2" : "=r"(difference) : "r"(max), "r"(bc_load4(x)) : "cc");
    return difference;
}

/* The same of the last `rest` elements, 1 to 3, of a row. */
static BC_INLINE uint32_t bc_softmax_s8_dsp_rest(uint32_t max, const int8_t *x, int32_t rest)
{
    return bc_softmax_s8_dsp_below(max, x + rest - 4) >> (32 - 8 * rest);
}

static BC_INLINE int32_t bc_softmax_s8_dsp_term(const int32_t *table, uint32_t below, int32_t j)
{
    return table[(below >> (8 * j)) & 255u];
}

/* Each byte is the maximum of a row. */
static BC_INLINE uint32_t bc_softmax_s8_dsp_max(const int8_t *x, int32_t count)
{
    int32_t max = bc_load4(x + count - 4);
    for (; count >= 4; count -= 4, x += 4) {
        max = bc_dsp_max4(max, bc_load4(x));
    }
    max = bc_dsp_max4(max, (int32_t)(((uint32_t)max >> 16) | ((uint32_t)max << 16)));
    return (uint32_t)bc_dsp_max4(max, (int32_t)(((uint32_t)max >> 8) | ((uint32_t)max << 24)));
}

/* The bits by which terms are larger than softmax.h says under ONNX's rule: extent < 2**(2 + up). */
static BC_INLINE int32_t bc_softmax_s8_dsp_up(int32_t extent)
{
    return 30 - __builtin_clz((uint32_t)extent);
}

/* sum + what a term counts: without `up` bits, or under TensorFlow Lite's rules in steps of 2**-19, halves up. */
static BC_INLINE uint32_t bc_softmax_s8_dsp_add(uint32_t sum, int32_t term, int32_t up, int32_t is_tflite)
{
    return is_tflite ? (uint32_t)bc_smmlar(term, (int32_t)1 << 20, (int32_t)sum) : sum + ((uint32_t)term >> up);
}

static BC_INLINE uint32_t bc_softmax_s8_dsp_sum(
    const int32_t *table, const int8_t *x, int32_t count, uint32_t max, int32_t up, int32_t is_tflite)
{
    uint32_t sum = 0;
    for (; count >= 4; count -= 4, x += 4) {
        const uint32_t below = bc_softmax_s8_dsp_below(max, x);
        sum = bc_softmax_s8_dsp_add(sum, bc_softmax_s8_dsp_term(table, below, 0), up, is_tflite);
        sum = bc_softmax_s8_dsp_add(sum, bc_softmax_s8_dsp_term(table, below, 1), up, is_tflite);
        sum = bc_softmax_s8_dsp_add(sum, bc_softmax_s8_dsp_term(table, below, 2), up, is_tflite);
        sum = bc_softmax_s8_dsp_add(sum, bc_softmax_s8_dsp_term(table, below, 3), up, is_tflite);
    }
    for (; count > 0; --count, ++x) {
        sum = bc_softmax_s8_dsp_add(sum, table[(int32_t)(int8_t)max - *x], up, is_tflite);
    }
    return sum;
}

static BC_INLINE void bc_softmax_s8_dsp_store_rest(int8_t *y, uint32_t bytes, int32_t rest)
{
    for (; rest > 0; --rest, bytes >>= 8) {
        *y++ = (int8_t)bytes;
    }
}

/*
 * Outputs under TensorFlow Lite's rules: what bc_softmax_s8_c_row_tflite computes. SMMLAR of t, 2 * scale - 2**32 and t
 * rounds 2 * scale * t / 2**32, as bc_double_high does, for a scale of 2**30 or more. That is every reciprocal but
 * those of the last six numbers below 1, which would need sums beyond 2**29 that are not multiples of 8: 2048 terms.
 */
static BC_INLINE int32_t bc_softmax_s8_dsp_one_tflite(int32_t term, int32_t scale, int32_t power, int32_t zero)
{
    return bc_smmlar(bc_smmlar(term, scale, term), power, zero);
}

static BC_INLINE uint32_t bc_softmax_s8_dsp_four_tflite(
    const int32_t *table, uint32_t below, int32_t scale, int32_t power, int32_t zero)
{
    const int32_t y0 = bc_softmax_s8_dsp_one_tflite(bc_softmax_s8_dsp_term(table, below, 0), scale, power, zero);
    const int32_t y1 = bc_softmax_s8_dsp_one_tflite(bc_softmax_s8_dsp_term(table, below, 1), scale, power, zero);
    const int32_t y2 = bc_softmax_s8_dsp_one_tflite(bc_softmax_s8_dsp_term(table, below, 2), scale, power, zero);
    const int32_t y3 = bc_softmax_s8_dsp_one_tflite(bc_softmax_s8_dsp_term(table, below, 3), scale, power, zero);
    return bc_softmax_s8_dsp_bytes(bc_pair(y0, y2), bc_pair(y1, y3));
}

static BC_INLINE void bc_softmax_s8_dsp_row_tflite(
    const bc_softmax_params *p, const int8_t *x, const int32_t *table, int8_t *y, int32_t count, uint32_t max)
{
    const uint32_t sum = bc_softmax_s8_dsp_sum(table, x, count, max, 0, 1);
    const int32_t headroom = __builtin_clz(sum);
    const uint32_t reciprocal = (uint32_t)bc_reciprocal((int32_t)((sum << headroom) - 0x80000000u));
    /* The last shift right, by 12 - headroom + 31 - 8 bits, as a product's high word. Beyond 31 bits all is 0. */
    const int32_t scale = (int32_t)(2u * reciprocal), power = headroom < 4 ? 0 : (int32_t)1 << (headroom - 3);
    for (; count >= 4; count -= 4, x += 4, y += 4) {
        const uint32_t below = bc_softmax_s8_dsp_below(max, x);
        const uint32_t bytes = bc_softmax_s8_dsp_four_tflite(table, below, scale, power, p->y_zero);
        BC_COPY(y, &bytes, 4);
    }
    if (count > 0) {
        const uint32_t below = bc_softmax_s8_dsp_rest(max, x, count);
        const uint32_t bytes = bc_softmax_s8_dsp_four_tflite(table, below, scale, power, p->y_zero);
        bc_softmax_s8_dsp_store_rest(y, bytes, count);
    }
}

/* Four outputs one by one, as bytes: once in a program, for what is near a half. */
static BC_STEP uint32_t bc_softmax_s8_dsp_exact(
    const bc_softmax_params *p, const int32_t *table, uint32_t below, uint64_t factor)
{
    uint32_t bytes = 0;
    for (int32_t j = 0; j < 32; j += 8) {
        const uint32_t term = (uint32_t)table[(below >> j) & 255u] >> bc_softmax_s8_dsp_up(p->extent);
        bytes |= (uint32_t)(uint8_t)bc_softmax_s8_c_exact(p, term * factor) << j;
    }
    return bytes;
}

/* What is added to an exact number of steps of 2**-16 below it by up to 1.25, so that 0 to 10 may be near a half. */
enum { BC_SOFTMAX_S8_DSP_NEAR = 4 + 2, BC_SOFTMAX_S8_DSP_SURE = 11 };

/*
 * Four outputs under ONNX's rule, in steps of 2**-16: term * factor / 2**(shift - 16) = term * 2**up * f / 2**32, with
 * f = factor / 2**(shift - 48 + up) < 2**27 rounded down. So each is less than 1.25 too small (term * 2**up <= 2**30);
 * with the half and 6 more its low half is below 11 wherever it is within 2**-14 (4 of these steps) of a half, and
 * elsewhere the high half is right.
 */
static BC_INLINE uint32_t bc_softmax_s8_dsp_four(
    const bc_softmax_params *p, const int32_t *table, uint32_t below, uint64_t factor, int32_t f)
{
    const int32_t start = p->y_zero * 65536 + 32768 + BC_SOFTMAX_S8_DSP_NEAR;
    const int32_t y0 = bc_smmla(bc_softmax_s8_dsp_term(table, below, 0), f, start);
    const int32_t y1 = bc_smmla(bc_softmax_s8_dsp_term(table, below, 1), f, start);
    const int32_t y2 = bc_smmla(bc_softmax_s8_dsp_term(table, below, 2), f, start);
    const int32_t y3 = bc_smmla(bc_softmax_s8_dsp_term(table, below, 3), f, start);
    const int32_t least = bc_pair(BC_SOFTMAX_S8_DSP_SURE, BC_SOFTMAX_S8_DSP_SURE);
    int32_t ones = bc_softmax_s8_dsp_reached(-1, bc_pair(y0, y2), least);
    ones = bc_softmax_s8_dsp_reached(ones, bc_pair(y1, y3), least);
    if (ones != -1) {
        return bc_softmax_s8_dsp_exact(p, table, below, factor);
    }
    return bc_softmax_s8_dsp_bytes(bc_softmax_s8_dsp_high(y0, y2), bc_softmax_s8_dsp_high(y1, y3));
}

static BC_INLINE void bc_softmax_s8_dsp_row(
    const bc_softmax_params *p, const int8_t *x, const int32_t *table, int8_t *y, int32_t count, uint32_t max)
{
    const int32_t up = bc_softmax_s8_dsp_up(p->extent);
    const uint64_t factor = ((uint64_t)(uint32_t)p->mult << 32) / bc_softmax_s8_dsp_sum(table, x, count, max, up, 0);
    const int32_t f = (int32_t)(factor >> (p->shift - 48 + up));
    for (; count >= 4; count -= 4, x += 4, y += 4) {
        const uint32_t bytes = bc_softmax_s8_dsp_four(p, table, bc_softmax_s8_dsp_below(max, x), factor, f);
        BC_COPY(y, &bytes, 4);
    }
    if (count > 0) {
        const uint32_t bytes = bc_softmax_s8_dsp_four(p, table, bc_softmax_s8_dsp_rest(max, x, count), factor, f);
        bc_softmax_s8_dsp_store_rest(y, bytes, count);
    }
}

static BC_KERNEL void bc_softmax_s8_dsp(const bc_softmax_params *p, const int8_t *x, const int32_t *table, int8_t *y)
{
    for (int32_t row = 0; row < p->outer; ++row) {
        int32_t count = p->extent;
        /* A compiler that knows the number unrolls the loops. */
        __asm__("" : "+r"(count));
        const uint32_t max = bc_softmax_s8_dsp_max(x, count);
        if (p->ties >= BC_TIES_TFLITE) {
            bc_softmax_s8_dsp_row_tflite(p, x, table, y, count, max);
        } else {
            bc_softmax_s8_dsp_row(p, x, table, y, count, max);
        }
        x += p->extent;
        y += p->extent;
    }
}

#endif
