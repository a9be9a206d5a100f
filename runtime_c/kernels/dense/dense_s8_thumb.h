/* SPDX-License-Identifier: 0BSD */
/*
 * dense for cores without SIMD instructions, int8: eight outputs at a time share the loads of x.
 *
 * Weights are stored with 128 added, so that Armv6-M loads them by LDRB, which takes an offset and needs no extension:
 * sum of w * x = sum of (w + 128) * x - 128 * sum of x, and the last is the same for all outputs of a row.
 *
 * Call: bc_dense_s8_thumb(p, x, w, channels, y), w_wide = 0.
 *   w         [ceil(out_c / 8)][in_c][8] uint8_t: weight + 128 of eight outputs for each input
 *   channels  [out_c][2]: bias and multiplier; with one more word, the shift, under TensorFlow Lite's rules
 */
#ifndef BC_DENSE_S8_THUMB_H
#define BC_DENSE_S8_THUMB_H

#include "barecast/bc_math.h"
#include "barecast/dense.h"

#if defined(BC_ASSEMBLY_THUMB1) || defined(BC_ASSEMBLY_THUMB2)
#if defined(BC_ASSEMBLY_THUMB1)
/* r0 x, r1 w, r2 end of x, r3 sums. In the loop: r2 an input, r3 a product, r4 to r11 the sums, lr the end. */
#define BC_DENSE_ENTRY \
    ".syntax unified\n\t" \
    "push {r4, r5, r6, r7, lr}\n\t" \
    "mov r4, r8\n\t" \
    "mov r5, r9\n\t" \
    "mov r6, r10\n\t" \
    "mov r7, r11\n\t" \
    "push {r3, r4, r5, r6, r7}\n\t" \
    "mov lr, r2\n\t" \
    "mov r2, r3\n\t" \
    "adds r2, r2, #16\n\t" \
    "ldmia r2!, {r4, r5, r6, r7}\n\t" \
    "mov r8, r4\n\t" \
    "mov r9, r5\n\t" \
    "mov r10, r6\n\t" \
    "mov r11, r7\n\t" \
    "ldmia r3!, {r4, r5, r6, r7}\n"
#define BC_DENSE_EXIT \
    "cmp r0, lr\n\t" \
    "bne 1b\n\t" \
    "pop {r3}\n\t" \
    "stmia r3!, {r4, r5, r6, r7}\n\t" \
    "mov r4, r8\n\t" \
    "mov r5, r9\n\t" \
    "mov r6, r10\n\t" \
    "mov r7, r11\n\t" \
    "stmia r3!, {r4, r5, r6, r7}\n\t" \
    "pop {r4, r5, r6, r7}\n\t" \
    "mov r8, r4\n\t" \
    "mov r9, r5\n\t" \
    "mov r10, r6\n\t" \
    "mov r11, r7\n\t" \
    "pop {r4, r5, r6, r7, pc}\n\t"
#define BC_DENSE_X(k) "ldrb r2, [r0, #" k "]\n\tsxtb r2, r2\n\t"
#define BC_DENSE_MAC(offset, sum) "ldrb r3, [r1, #" offset "]\n\tmuls r3, r2, r3\n\tadd " sum ", r3\n\t"
#else
/* r0 x, r1 w, r2 end of x, r3 sums. In the loop: r4 to r11 the sums, r12 a weight, lr an input. */
#define BC_DENSE_ENTRY \
    ".syntax unified\n\t" \
    "push {r4, r5, r6, r7, r8, r9, r10, r11, lr}\n\t" \
    "ldm r3, {r4, r5, r6, r7, r8, r9, r10, r11}\n"
#define BC_DENSE_EXIT \
    "cmp r0, r2\n\t" \
    "bne 1b\n\t" \
    "stm r3, {r4, r5, r6, r7, r8, r9, r10, r11}\n\t" \
    "pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}\n\t"
#define BC_DENSE_X(k) "ldrsb lr, [r0, #" k "]\n\t"
#define BC_DENSE_MAC(offset, sum) "ldrb r12, [r1, #" offset "]\n\tmla " sum ", r12, lr, " sum "\n\t"
#endif
#define BC_DENSE_INPUT(k, a, b, c, d, e, f, g, h) \
    BC_DENSE_X(k) \
    BC_DENSE_MAC(a, "r4") BC_DENSE_MAC(b, "r5") BC_DENSE_MAC(c, "r6") BC_DENSE_MAC(d, "r7") \
    BC_DENSE_MAC(e, "r8") BC_DENSE_MAC(f, "r9") BC_DENSE_MAC(g, "r10") BC_DENSE_MAC(h, "r11")

/* bc_dense_s8_thumb_dot8 for a multiple of 4 inputs, not 0. */
static BC_NAKED void bc_dense_s8_thumb_fours(
    const int8_t *x __attribute__((unused)), const uint8_t *w __attribute__((unused)),
    const int8_t *end __attribute__((unused)), int32_t *sums __attribute__((unused)))
{
    __asm__(BC_DENSE_ENTRY
            "1:\n\t"
            BC_DENSE_INPUT("0", "0", "1", "2", "3", "4", "5", "6", "7")
            BC_DENSE_INPUT("1", "8", "9", "10", "11", "12", "13", "14", "15")
            BC_DENSE_INPUT("2", "16", "17", "18", "19", "20", "21", "22", "23")
            BC_DENSE_INPUT("3", "24", "25", "26", "27", "28", "29", "30", "31")
            "adds r1, r1, #32\n\t"
            "adds r0, r0, #4\n\t"
            BC_DENSE_EXIT);
}
#endif

/* sums[j] += sum over k < n of x[k] * w[k][j], j < 8. */
static BC_INLINE void bc_dense_s8_thumb_dot8(const int8_t *x, const uint8_t *w, int32_t n, int32_t sums[8])
{
    const int8_t *const end = x + n;
#if defined(BC_ASSEMBLY_THUMB1) || defined(BC_ASSEMBLY_THUMB2)
    const int32_t fours = n / 4 * 4;
    if (fours) {
        bc_dense_s8_thumb_fours(x, w, x + fours, sums);
        x += fours;
        w += 8 * fours;
    }
#endif
    for (; x != end; ++x, w += 8) {
        for (int32_t j = 0; j < 8; ++j) {
            sums[j] += *x * w[j];
        }
    }
}

static BC_KERNEL void bc_dense_s8_thumb(
    const bc_dense_params *p, const int8_t *x, const uint8_t *w, const int32_t *channels, int8_t *y)
{
    const int32_t words = p->ties >= BC_TIES_TFLITE ? 3 : 2;
    /* One for all channels is loaded once: to a compiler the stores of outputs could change it. */
    const int32_t same_multiplier = channels[1];
    for (int32_t m = 0; m < p->rows; ++m) {
        const uint8_t *filter = w;
        const int32_t *channel = channels;
        int32_t excess = 0;
#pragma GCC unroll 4
        for (int32_t k = 0; k < p->in_c; ++k) {
            excess += x[k];
        }
        excess *= 128;
        for (int32_t o = 0; o < p->out_c; o += 8, filter += 8 * p->in_c) {
            const int32_t count = p->out_c - o < 8 ? p->out_c - o : 8;
            int32_t sums[8];
            for (int32_t j = 0; j < 8; ++j) {
                sums[j] = j < count ? channel[words * j] - excess : 0;
            }
            bc_dense_s8_thumb_dot8(x, filter, p->in_c, sums);
            for (int32_t j = 0; j < count; ++j, channel += words) {
                const int32_t multiplier = p->per_channel ? channel[1] : same_multiplier;
                const int32_t shift = p->per_channel && words == 3 ? channel[2] : p->shift;
                *y++ = bc_requantize_s8(sums[j], multiplier, shift, p->ties, p->y_zero, p->y_min, p->y_max);
            }
        }
        x += p->in_c;
    }
}

#endif
