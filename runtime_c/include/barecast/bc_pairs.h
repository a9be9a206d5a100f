/* SPDX-License-Identifier: 0BSD */
/*
 * Two products by one multiplication, for cores without SIMD instructions (Armv6-M, Armv7-M).
 *
 * A word holds two pixels of int8, low + high * 2**16, so (low + high * 2**16) * w = low * w + high * w * 2**16. Sums
 * of such products stay apart as long as each fits its 16 bits. A block of taps whose weights' magnitudes sum to at
 * most 255 does, as 128 * 255 = 32640: all taps of a filter of small weights, and every two taps but a pair of -128,
 * which filters here must not have. With BC_PAIRS_BIAS added the low sum is between 0 and 65535. Then block >> 16 is
 * the high pixel's sum exactly. The low pixel's follows at the end: the sum of all blocks is low + high * 2**16
 * modulo 2**32, and high is known.
 *
 * The same in C, for every compiler and core, stands beside the assembly: GCC has too few registers for the tile.
 */
#ifndef BC_PAIRS_H
#define BC_PAIRS_H

#include "barecast/bc.h"

#define BC_PAIRS_BIAS 32767

/* Sums of four pixels: pair 0 low, pair 0 high, pair 1 low, pair 1 high. */
typedef struct {
    int32_t sum[4];
} bc_pairs_sums;

/* to[2 * k] = from[k] in the low half, k < n. */
static BC_INLINE void bc_pairs_set_low(uint32_t *to, const int8_t *from, int32_t n)
{
    for (int32_t k = 0; k < n; ++k) {
        to[2 * k] = (uint32_t)from[k];
    }
}

/* to[2 * k] += from[k] in the high half, k < n. */
static BC_INLINE void bc_pairs_set_high(uint32_t *to, const int8_t *from, int32_t n)
{
    for (int32_t k = 0; k < n; ++k) {
        to[2 * k] += (uint32_t)from[k] << 16;
    }
}

/* The same with one value for all k. */
static BC_INLINE void bc_pairs_fill(uint32_t *to, int32_t value, int32_t n, int32_t high)
{
    for (int32_t k = 0; k < n; ++k) {
        to[2 * k] = high ? to[2 * k] + ((uint32_t)value << 16) : (uint32_t)value;
    }
}

/* One filter on four pixels: all = low + high * 2**16 modulo 2**32 of each pair. */
static BC_INLINE bc_pairs_sums bc_pairs_split(const uint32_t all[2], const uint32_t high[2])
{
    const bc_pairs_sums sums = {{
        (int32_t)(all[0] - (high[0] << 16)),
        (int32_t)high[0],
        (int32_t)(all[1] - (high[1] << 16)),
        (int32_t)high[1],
    }};
    return sums;
}

/*
 * bias + the products of one filter with four pixels, in blocks of two taps. taps is a multiple of 4 and not 0.
 * x  [taps][2] words as above, w [taps]; both aligned to 4 bytes.
 */
static BC_INLINE bc_pairs_sums bc_pairs_dot(const uint32_t *x, const int8_t *w, int32_t taps, int32_t bias)
{
    /* Each block adds BC_PAIRS_BIAS to `all`: it is taken away beforehand. */
    const uint32_t start = (uint32_t)bias * 65537u - BC_PAIRS_BIAS * (uint32_t)(taps / 2);
    uint32_t all[2] = {start, start}, high[2] = {(uint32_t)bias, (uint32_t)bias};
#if defined(BC_ASSEMBLY_THUMB1)
#define BC_PAIRS_BLOCK_END \
        "adds r2, r2, r4\n\t" \
        "adds r3, r3, r5\n\t" \
        "add r2, %[half]\n\t" \
        "add r3, %[half]\n\t" \
        "add %[all0], r2\n\t" \
        "asrs r2, r2, #16\n\t" \
        "add %[high0], r2\n\t" \
        "add %[all1], r3\n\t" \
        "asrs r3, r3, #16\n\t" \
        "add %[high1], r3\n\t"
    register const uint32_t *at __asm__("r0") = x;
    register const int8_t *weight __asm__("r1") = w;
    register const int8_t *end __asm__("lr") = w + taps;
    __asm__(
        ".syntax unified\n"
        "1:\n\t"
        "ldmia %[w]!, {r6}\n\t"
        "ldmia %[x]!, {r2, r3, r4, r5}\n\t"
        "sxtb r7, r6\n\t"
        "muls r2, r7, r2\n\t"
        "muls r3, r7, r3\n\t"
        "asrs r6, r6, #8\n\t"
        "sxtb r7, r6\n\t"
        "muls r4, r7, r4\n\t"
        "muls r5, r7, r5\n\t"
        BC_PAIRS_BLOCK_END
        "ldmia %[x]!, {r2, r3, r4, r5}\n\t"
        "asrs r6, r6, #8\n\t"
        "sxtb r7, r6\n\t"
        "muls r2, r7, r2\n\t"
        "muls r3, r7, r3\n\t"
        "asrs r6, r6, #8\n\t"
        "muls r4, r6, r4\n\t"
        "muls r5, r6, r5\n\t"
        BC_PAIRS_BLOCK_END
        "cmp %[w], %[end]\n\t"
        "bne 1b\n"
        : [x] "+l"(at), [w] "+l"(weight), [all0] "+h"(all[0]), [all1] "+h"(all[1]), [high0] "+h"(high[0]),
          [high1] "+h"(high[1])
        : [half] "h"(BC_PAIRS_BIAS + 0 * taps), [end] "h"(end)
        : "r2", "r3", "r4", "r5", "r6", "r7", "cc", "memory");
#undef BC_PAIRS_BLOCK_END
#elif defined(BC_ASSEMBLY_THUMB2)
#define BC_PAIRS_BLOCK \
        "ldmia %[x]!, {r2, r3, r4, r5}\n\t" \
        "ldrsb r6, [%[w]], #1\n\t" \
        "mla r2, r2, r6, %[half]\n\t" \
        "mla r3, r3, r6, %[half]\n\t" \
        "ldrsb r6, [%[w]], #1\n\t" \
        "mla r2, r4, r6, r2\n\t" \
        "mla r3, r5, r6, r3\n\t" \
        "add %[all0], %[all0], r2\n\t" \
        "add %[high0], %[high0], r2, asr #16\n\t" \
        "add %[all1], %[all1], r3\n\t" \
        "add %[high1], %[high1], r3, asr #16\n\t"
    __asm__(
        ".syntax unified\n"
        "1:\n\t"
        BC_PAIRS_BLOCK
        BC_PAIRS_BLOCK
        "cmp %[w], %[end]\n\t"
        "bne 1b\n"
        : [x] "+r"(x), [w] "+r"(w), [all0] "+r"(all[0]), [all1] "+r"(all[1]), [high0] "+r"(high[0]),
          [high1] "+r"(high[1])
        : [half] "r"(BC_PAIRS_BIAS), [end] "r"(w + taps)
        : "r2", "r3", "r4", "r5", "r6", "cc", "memory");
#undef BC_PAIRS_BLOCK
#else
    for (int32_t k = 0; k < taps; k += 2) {
        const uint32_t even = (uint32_t)w[k], odd = (uint32_t)w[k + 1];
        for (int32_t pair = 0; pair < 2; ++pair) {
            const uint32_t block = x[2 * k + pair] * even + x[2 * k + 2 + pair] * odd + BC_PAIRS_BIAS;
            all[pair] += block;
            high[pair] += (uint32_t)((int32_t)block >> 16);
        }
    }
#endif
    return bc_pairs_split(all, high);
}

/* The same for a filter whose weights' magnitudes sum to at most 255: one block. */
static BC_INLINE bc_pairs_sums bc_pairs_dot_small(const uint32_t *x, const int8_t *w, int32_t taps, int32_t bias)
{
    uint32_t all[2] = {BC_PAIRS_BIAS, BC_PAIRS_BIAS};
#if defined(BC_ASSEMBLY_THUMB1)
    register const uint32_t *at __asm__("r0") = x;
    register const int8_t *weight __asm__("r1") = w;
    register const int8_t *end __asm__("lr") = w + taps;
    __asm__(
        ".syntax unified\n"
        "1:\n\t"
        "ldmia %[w]!, {r6}\n\t"
        "ldmia %[x]!, {r2, r3, r4, r5}\n\t"
        "sxtb r7, r6\n\t"
        "muls r2, r7, r2\n\t"
        "muls r3, r7, r3\n\t"
        "asrs r6, r6, #8\n\t"
        "sxtb r7, r6\n\t"
        "muls r4, r7, r4\n\t"
        "muls r5, r7, r5\n\t"
        "adds r2, r2, r4\n\t"
        "adds r3, r3, r5\n\t"
        "add %[all0], r2\n\t"
        "add %[all1], r3\n\t"
        "ldmia %[x]!, {r2, r3, r4, r5}\n\t"
        "asrs r6, r6, #8\n\t"
        "sxtb r7, r6\n\t"
        "muls r2, r7, r2\n\t"
        "muls r3, r7, r3\n\t"
        "asrs r6, r6, #8\n\t"
        "muls r4, r6, r4\n\t"
        "muls r5, r6, r5\n\t"
        "adds r2, r2, r4\n\t"
        "adds r3, r3, r5\n\t"
        "add %[all0], r2\n\t"
        "add %[all1], r3\n\t"
        "cmp %[w], %[end]\n\t"
        "bne 1b\n"
        : [x] "+l"(at), [w] "+l"(weight), [all0] "+h"(all[0]), [all1] "+h"(all[1])
        : [end] "h"(end)
        : "r2", "r3", "r4", "r5", "r6", "r7", "cc", "memory");
#elif defined(BC_ASSEMBLY_THUMB2)
#define BC_PAIRS_TWO_TAPS \
        "ldmia %[x]!, {r2, r3, r4, r5}\n\t" \
        "ldrsb r6, [%[w]], #1\n\t" \
        "mla %[all0], r2, r6, %[all0]\n\t" \
        "mla %[all1], r3, r6, %[all1]\n\t" \
        "ldrsb r6, [%[w]], #1\n\t" \
        "mla %[all0], r4, r6, %[all0]\n\t" \
        "mla %[all1], r5, r6, %[all1]\n\t"
    __asm__(
        ".syntax unified\n"
        "1:\n\t"
        BC_PAIRS_TWO_TAPS
        BC_PAIRS_TWO_TAPS
        "cmp %[w], %[end]\n\t"
        "bne 1b\n"
        : [x] "+r"(x), [w] "+r"(w), [all0] "+r"(all[0]), [all1] "+r"(all[1])
        : [end] "r"(w + taps)
        : "r2", "r3", "r4", "r5", "r6", "cc", "memory");
#undef BC_PAIRS_TWO_TAPS
#else
    for (int32_t k = 0; k < taps; ++k) {
        const uint32_t weight = (uint32_t)w[k];
        all[0] += x[2 * k] * weight;
        all[1] += x[2 * k + 1] * weight;
    }
#endif
    const bc_pairs_sums sums = {{
        (int32_t)(all[0] & 0xffff) - BC_PAIRS_BIAS + bias,
        ((int32_t)all[0] >> 16) + bias,
        (int32_t)(all[1] & 0xffff) - BC_PAIRS_BIAS + bias,
        ((int32_t)all[1] >> 16) + bias,
    }};
    return sums;
}

#endif
