/* SPDX-License-Identifier: 0BSD */
#ifndef BC_PAIRWISE_S8_C_H
#define BC_PAIRWISE_S8_C_H

#include "barecast/bc_fixed_point.h"
#include "barecast/pairwise.h"

/*
 * a / b * 2**-y_shift * y_mult under TensorFlow Lite's rules: a, moved up to all the bits of an int32, times the
 * reciprocal of b (2**(bits - 1) <= b < 2**bits), is one rounded product; its factor is the other. What would be
 * shifted by more than 31 bits is 0. By 0: 512 steps in the direction of a, which every clamp bounds.
 */
static BC_INLINE int32_t bc_pairwise_s8_c_quotient(const bc_pairwise_params *p, int32_t a, int32_t b)
{
    if (a == 0 || b == 0) {
        return a > 0 ? 512 : a < 0 ? -512 : 0;
    }
    if (b < 0) {
        a = -a;
        b = -b;
    }
    int32_t bits = 0;
    while (b >> bits != 0) {
        bits++;
    }
    const int32_t inverse = bc_reciprocal((int32_t)(((uint32_t)b << (32 - bits)) - 0x80000000u));
    const int32_t magnitude = a < 0 ? ~a : a;
    int32_t headroom = p->ties == BC_TIES_TFLITE ? 31 : 30; /* one rounding takes shifts of 1 and more */
    while (magnitude >> (31 - headroom) != 0) {
        headroom--;
    }
    const int32_t right = p->y_shift + bits - 1 + headroom;
    if (right > 62) {
        return 0;
    }
    return bc_requantize(bc_requantize(a, inverse, 31 - headroom, p->ties), p->y_mult, right, p->ties);
}

static BC_INLINE int8_t bc_pairwise_s8_c_one(const bc_pairwise_params *p, int8_t first, int8_t second)
{
    int32_t a = first, b = second;
    if (p->kind == BC_PAIRWISE_MAX || p->kind == BC_PAIRWISE_MIN) {
        return (int8_t)bc_clamp_s32((p->kind == BC_PAIRWISE_MAX) == (a > b) ? a : b, p->y_min, p->y_max);
    }
    a -= p->a_zero;
    b -= p->b_zero;
    int32_t y;
    if (p->kind == BC_PAIRWISE_DIV) {
        y = bc_pairwise_s8_c_quotient(p, a, b);
    } else if (p->kind == BC_PAIRWISE_PRELU) {
        y = a >= 0 ? bc_requantize(a, p->y_mult, p->y_shift, p->ties)
                   : bc_requantize(a * b, p->b_mult, p->b_shift, p->ties);
    } else {
        const int32_t d = bc_requantize(a * 128, p->a_mult, p->a_shift, p->ties)
                          - bc_requantize(b * 128, p->b_mult, p->b_shift, p->ties);
        y = bc_requantize(d * d, p->y_mult, p->y_shift, p->ties);
    }
    return (int8_t)bc_clamp_s32(y + p->y_zero, p->y_min, p->y_max);
}

static BC_KERNEL void bc_pairwise_s8_c(const bc_pairwise_params *p, const int8_t *a, const int8_t *b, int8_t *y)
{
    for (int32_t i0 = 0; i0 < p->extent0; i0++) {
        for (int32_t i1 = 0; i1 < p->extent1; i1++) {
            for (int32_t i2 = 0; i2 < p->extent2; i2++) {
                for (int32_t i3 = 0; i3 < p->extent3; i3++) {
                    const int8_t *a_row =
                        a + i0 * p->a_stride0 + i1 * p->a_stride1 + i2 * p->a_stride2 + i3 * p->a_stride3;
                    const int8_t *b_row =
                        b + i0 * p->b_stride0 + i1 * p->b_stride1 + i2 * p->b_stride2 + i3 * p->b_stride3;
                    for (int32_t i4 = 0; i4 < p->extent4; i4++) {
                        const int8_t first = a_row[i4 * p->a_stride4], second = b_row[i4 * p->b_stride4];
                        *y++ = p->swapped ? bc_pairwise_s8_c_one(p, second, first)
                                          : bc_pairwise_s8_c_one(p, first, second);
                    }
                }
            }
        }
    }
}

#endif
