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
 * The same in C, for every compiler and core, stands beside the assembly: compilers have too few registers for it.
 */
#ifndef BC_PAIRS_H
#define BC_PAIRS_H

#include "barecast/bc.h"

#define BC_PAIRS_BIAS 32767

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

/* Sums of four pixels: pair 0 low, pair 0 high, pair 1 low, pair 1 high. */
typedef struct {
    int32_t sum[4];
} bc_pairs_sums;

/* What a filter's taps are summed in: all = low + high * 2**16 (and biases) modulo 2**32 of each pair, and high. */
typedef struct {
    uint32_t all0, high0, all1, high1;
} bc_pairs_blocks;

#if defined(BC_ASSEMBLY_THUMB1)
/* r0 x, r1 w, r2 end of w, r3 sums. In the loop: r8 to r11 the sums, r12 BC_PAIRS_BIAS, lr the end. */
#define BC_PAIRS_ENTRY \
    ".syntax unified\n\t" \
    "push {r4, r5, r6, r7, lr}\n\t" \
    "mov r4, r8\n\t" \
    "mov r5, r9\n\t" \
    "mov r6, r10\n\t" \
    "mov r7, r11\n\t" \
    "push {r3, r4, r5, r6, r7}\n\t" \
    "ldmia r3!, {r4, r5, r6, r7}\n\t" \
    "mov r8, r4\n\t" \
    "mov r9, r5\n\t" \
    "mov r10, r6\n\t" \
    "mov r11, r7\n\t" \
    "movs r4, #1\n\t" \
    "lsls r4, r4, #15\n\t" \
    "subs r4, r4, #1\n\t" \
    "mov r12, r4\n\t" \
    "mov lr, r2\n" \
    "1:\n\t"
#define BC_PAIRS_EXIT \
    "cmp r1, lr\n\t" \
    "bne 1b\n\t" \
    "pop {r3}\n\t" \
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
/* Taps 0 and 1 of the word of weights, and taps 2 and 3: r2 and r3 become what two taps give the two pairs. */
#define BC_PAIRS_FIRST_TAPS \
    "ldmia r1!, {r6}\n\t" \
    "ldmia r0!, {r2, r3, r4, r5}\n\t" \
    "sxtb r7, r6\n\t" \
    "muls r2, r7, r2\n\t" \
    "muls r3, r7, r3\n\t" \
    "asrs r6, r6, #8\n\t" \
    "sxtb r7, r6\n\t" \
    "muls r4, r7, r4\n\t" \
    "muls r5, r7, r5\n\t" \
    "adds r2, r2, r4\n\t" \
    "adds r3, r3, r5\n\t"
#define BC_PAIRS_LAST_TAPS \
    "ldmia r0!, {r2, r3, r4, r5}\n\t" \
    "asrs r6, r6, #8\n\t" \
    "sxtb r7, r6\n\t" \
    "muls r2, r7, r2\n\t" \
    "muls r3, r7, r3\n\t" \
    "asrs r6, r6, #8\n\t" \
    "muls r4, r6, r4\n\t" \
    "muls r5, r6, r5\n\t" \
    "adds r2, r2, r4\n\t" \
    "adds r3, r3, r5\n\t"
#define BC_PAIRS_ADD \
    "add r8, r2\n\t" \
    "add r10, r3\n\t"
#define BC_PAIRS_SPLIT \
    "add r2, r12\n\t" \
    "add r3, r12\n\t" \
    BC_PAIRS_ADD \
    "asrs r2, r2, #16\n\t" \
    "asrs r3, r3, #16\n\t" \
    "add r9, r2\n\t" \
    "add r11, r3\n\t"
#elif defined(BC_ASSEMBLY_THUMB2)
/* r0 x, r1 w, r2 end of w, r3 sums. In the loop: r8 to r11 the sums, r12 a weight, lr BC_PAIRS_BIAS. */
#define BC_PAIRS_ENTRY \
    ".syntax unified\n\t" \
    "push {r4, r5, r6, r7, r8, r9, r10, r11, lr}\n\t" \
    "ldm r3, {r8, r9, r10, r11}\n\t" \
    "movw lr, #32767\n" \
    "1:\n\t"
#define BC_PAIRS_EXIT \
    "cmp r1, r2\n\t" \
    "bne 1b\n\t" \
    "stm r3, {r8, r9, r10, r11}\n\t" \
    "pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}\n\t"
/* Two taps, added to r8 and r10, or with BC_PAIRS_BIAS in r4 and r5. */
#define BC_PAIRS_TWO_TAPS(to0, to1, from0, from1) \
    "ldmia r0!, {r4, r5, r6, r7}\n\t" \
    "ldrsb r12, [r1], #1\n\t" \
    "mla " to0 ", r4, r12, " from0 "\n\t" \
    "mla " to1 ", r5, r12, " from1 "\n\t" \
    "ldrsb r12, [r1], #1\n\t" \
    "mla " to0 ", r6, r12, " to0 "\n\t" \
    "mla " to1 ", r7, r12, " to1 "\n\t"
#define BC_PAIRS_FIRST_TAPS BC_PAIRS_TWO_TAPS("r4", "r5", "lr", "lr")
#define BC_PAIRS_LAST_TAPS BC_PAIRS_FIRST_TAPS
#define BC_PAIRS_SPLIT \
    "add r8, r8, r4\n\t" \
    "add r9, r9, r4, asr #16\n\t" \
    "add r10, r10, r5\n\t" \
    "add r11, r11, r5, asr #16\n\t"
#endif

#if defined(BC_ASSEMBLY_THUMB1) || defined(BC_ASSEMBLY_THUMB2)
#define BC_PAIRS_UNUSED __attribute__((unused))
#define BC_PAIRS_ARGUMENTS \
    const uint32_t *x BC_PAIRS_UNUSED, const int8_t *w BC_PAIRS_UNUSED, const int8_t *end BC_PAIRS_UNUSED, \
        bc_pairs_blocks *sums BC_PAIRS_UNUSED

static BC_NAKED void bc_pairs_add_split(BC_PAIRS_ARGUMENTS)
{
    __asm__(BC_PAIRS_ENTRY BC_PAIRS_FIRST_TAPS BC_PAIRS_SPLIT BC_PAIRS_LAST_TAPS BC_PAIRS_SPLIT BC_PAIRS_EXIT);
}

static BC_NAKED void bc_pairs_add(BC_PAIRS_ARGUMENTS)
{
#if defined(BC_ASSEMBLY_THUMB1)
    __asm__(BC_PAIRS_ENTRY BC_PAIRS_FIRST_TAPS BC_PAIRS_ADD BC_PAIRS_LAST_TAPS BC_PAIRS_ADD BC_PAIRS_EXIT);
#else
    __asm__(BC_PAIRS_ENTRY BC_PAIRS_TWO_TAPS("r8", "r10", "r8", "r10") BC_PAIRS_TWO_TAPS("r8", "r10", "r8", "r10")
                BC_PAIRS_EXIT);
#endif
}
#else
/* sums += the products of the weights from w to end with two pixel pairs, in blocks of two taps, which are split. */
static BC_INLINE void bc_pairs_add_split(const uint32_t *x, const int8_t *w, const int8_t *end, bc_pairs_blocks *sums)
{
    for (; w != end; w += 2, x += 4) {
        const uint32_t even = (uint32_t)w[0], odd = (uint32_t)w[1];
        const uint32_t block0 = x[0] * even + x[2] * odd + BC_PAIRS_BIAS;
        const uint32_t block1 = x[1] * even + x[3] * odd + BC_PAIRS_BIAS;
        sums->all0 += block0;
        sums->high0 += (uint32_t)((int32_t)block0 >> 16);
        sums->all1 += block1;
        sums->high1 += (uint32_t)((int32_t)block1 >> 16);
    }
}

/* The same without splitting: only `all`. */
static BC_INLINE void bc_pairs_add(const uint32_t *x, const int8_t *w, const int8_t *end, bc_pairs_blocks *sums)
{
    for (; w != end; ++w, x += 2) {
        const uint32_t weight = (uint32_t)*w;
        sums->all0 += x[0] * weight;
        sums->all1 += x[1] * weight;
    }
}
#endif

/*
 * bias + the products of one filter with four pixels. taps is a multiple of 4 and not 0.
 * x  [taps][2] words as above, w [taps]; both aligned to 4 bytes. small: its magnitudes sum to at most 255.
 */
static BC_INLINE bc_pairs_sums bc_pairs_dot(
    const uint32_t *x, const int8_t *w, int32_t taps, int32_t small, int32_t bias)
{
    bc_pairs_blocks sums = {BC_PAIRS_BIAS, (uint32_t)bias, BC_PAIRS_BIAS, (uint32_t)bias};
    if (small) {
        bc_pairs_add(x, w, w + taps, &sums);
        const bc_pairs_sums one_block = {{
            (int32_t)(sums.all0 & 0xffff) - BC_PAIRS_BIAS + bias,
            ((int32_t)sums.all0 >> 16) + bias,
            (int32_t)(sums.all1 & 0xffff) - BC_PAIRS_BIAS + bias,
            ((int32_t)sums.all1 >> 16) + bias,
        }};
        return one_block;
    }
    /* Each block adds BC_PAIRS_BIAS to `all`: it is taken away beforehand. */
    sums.all0 = sums.all1 = (uint32_t)bias * 65537u - BC_PAIRS_BIAS * (uint32_t)(taps / 2);
    bc_pairs_add_split(x, w, w + taps, &sums);
    const bc_pairs_sums split = {{
        (int32_t)(sums.all0 - (sums.high0 << 16)),
        (int32_t)sums.high0,
        (int32_t)(sums.all1 - (sums.high1 << 16)),
        (int32_t)sums.high1,
    }};
    return split;
}

#endif
