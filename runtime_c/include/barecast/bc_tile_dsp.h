/* SPDX-License-Identifier: 0BSD */
/*
 * The inner tile of matrix products with int8 weights on cores with the DSP extension: two rows of x (pixels A and B)
 * by four outputs. Both functions exist once in a program and are entered with a convention of their own, since the
 * tile takes every register but sp and r7: bc_tile_dsp calls them.
 *
 * x:  words in the order in which the loop reads them: pair 0 of A, pair 0 of B, pair 1 of A, ...
 * w:  4 int32_t (what the accumulators begin with), then two words for each pair of x,
 *         byte 0   1    2    3            o0.0: weight of output 0 for the pair's low number
 *         o0.0 o1.0 o0.1 o1.1             o0.1:                     for the pair's high number
 *         o2.0 o3.0 o2.1 o3.1
 *     sdk/barecast/layouts/dsp.py packs it. SXTB16 makes a pair of weights of each half of such a word.
 *
 * bc_tile_dsp_two_in_one needs half of these SXTB16. A word as it is holds 256 * o1 + o0 for either of x's numbers,
 * so SMLAD with it sums 256 * (output 1) + (output 0). Output 0 is summed alone, too; the difference in the end is
 * 256 * (output 1), exactly, if that fits 32 bits. For this the upper byte of each half is one less where the lower
 * byte is negative, and the accumulator of output 1 begins with 256 * bias 1 + bias 0.
 *
 * In registers: r0 w, r1 x, r2 the end of x, r3 bytes of code to skip at the first turn of the loop, since
 * it is written out for BC_TILE_PAIRS pairs. Out: r4, r5, r6, r2 outputs 0 to 3 of pixel A, r8 to r11 those of B;
 * r0 behind the tile's weights.
 */
#ifndef BC_TILE_DSP_H
#define BC_TILE_DSP_H

#include "barecast/bc_dsp.h"

#define BC_TILE_PAIRS 8

#define BC_TILE_ENTRY \
    ".syntax unified\n\t" \
    "push {r2, r7, lr}\n\t" \
    "ldm.w r0, {r8, r9, r10, r11}\n\t" \
    "ldm r0!, {r4, r5, r6, r7}\n\t" \
    "add pc, r3\n\t" /* the pc is 4 bytes ahead: 0 goes to the loop's first instruction */ \
    "nop\n" \
    "0:\n\t"

#define BC_TILE_LOOP \
    "ldr.w r12, [sp]\n\t" \
    "cmp r1, r12\n\t" \
    "bne.w 0b\n\t"

#define BC_TILE_TWICE(text) text text
#define BC_TILE_EIGHT_TIMES(text) BC_TILE_TWICE(BC_TILE_TWICE(BC_TILE_TWICE(text)))

/* 12 instructions of 4 bytes each. */
#define BC_TILE_TWO_IN_ONE_BYTES 48
#define BC_TILE_TWO_IN_ONE \
    "ldrd r2, r3, [r1], #8\n\t" \
    "ldrd r12, lr, [r0], #8\n\t" \
    "smlad r5, r2, r12, r5\n\t" \
    "smlad r9, r3, r12, r9\n\t" \
    "sxtb16 r12, r12\n\t" \
    "smlad r4, r2, r12, r4\n\t" \
    "smlad r8, r3, r12, r8\n\t" \
    "smlad r7, r2, lr, r7\n\t" \
    "smlad r11, r3, lr, r11\n\t" \
    "sxtb16 lr, lr\n\t" \
    "smlad r6, r2, lr, r6\n\t" \
    "smlad r10, r3, lr, r10\n\t"

static __attribute__((naked, noinline, unused, aligned(4))) void bc_tile_dsp_two_in_one(void)
{
    __asm__ volatile(BC_TILE_ENTRY BC_TILE_EIGHT_TIMES(BC_TILE_TWO_IN_ONE) BC_TILE_LOOP
                     "sub r5, r5, r4\n\t"
                     "sub r9, r9, r8\n\t"
                     "sub r2, r7, r6\n\t"
                     "sub r11, r11, r10\n\t"
                     "pop {r3, r7, pc}\n\t");
}

/* 15 instructions of 4 bytes each. */
#define BC_TILE_PLAIN_BYTES 60
#define BC_TILE_PLAIN \
    "ldrd r2, r3, [r1], #8\n\t" \
    "ldr.w r12, [r0], #4\n\t" \
    "sxtb16 lr, r12\n\t" \
    "smlad r4, r2, lr, r4\n\t" \
    "smlad r8, r3, lr, r8\n\t" \
    "sxtb16 r12, r12, ror #8\n\t" \
    "smlad r5, r2, r12, r5\n\t" \
    "smlad r9, r3, r12, r9\n\t" \
    "ldr.w r12, [r0], #4\n\t" \
    "sxtb16 lr, r12\n\t" \
    "smlad r6, r2, lr, r6\n\t" \
    "smlad r10, r3, lr, r10\n\t" \
    "sxtb16 r12, r12, ror #8\n\t" \
    "smlad r7, r2, r12, r7\n\t" \
    "smlad r11, r3, r12, r11\n\t"

static __attribute__((naked, noinline, unused, aligned(4))) void bc_tile_dsp_plain(void)
{
    __asm__ volatile(BC_TILE_ENTRY BC_TILE_EIGHT_TIMES(BC_TILE_PLAIN) BC_TILE_LOOP
                     "mov r2, r7\n\t"
                     "pop {r3, r7, pc}\n\t");
}

/*
 * One tile: a and b are the sums of pixels A and B, four each; returns what follows the tile's weights.
 * two_in_one: outputs 1 and 3 come multiplied by 256. pairs >= 1.
 */
static BC_INLINE const int32_t *bc_tile_dsp(
    const int32_t *w, const int32_t *x, int32_t pairs, int32_t two_in_one, int32_t a[4], int32_t b[4])
{
    const int32_t skipped = (BC_TILE_PAIRS - pairs % BC_TILE_PAIRS) % BC_TILE_PAIRS;
    register const int32_t *r0 __asm__("r0") = w;
    register const int32_t *r1 __asm__("r1") = x;
    register int32_t r2 __asm__("r2") = (int32_t)(uintptr_t)(x + 2 * pairs);
    register int32_t r3 __asm__("r3") = skipped * (two_in_one ? BC_TILE_TWO_IN_ONE_BYTES : BC_TILE_PLAIN_BYTES);
    register int32_t r4 __asm__("r4");
    register int32_t r5 __asm__("r5");
    register int32_t r6 __asm__("r6");
    register int32_t r8 __asm__("r8");
    register int32_t r9 __asm__("r9");
    register int32_t r10 __asm__("r10");
    register int32_t r11 __asm__("r11");
#define BC_TILE_CALL(function) \
    BC_DSP_CALLEE(function); \
    __asm__ volatile(BC_DSP_BRANCH \
                     : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3), "=r"(r4), "=r"(r5), "=r"(r6), "=r"(r8), "=r"(r9), \
                       "=r"(r10), "=r"(r11), BC_DSP_R12 \
                     : BC_DSP_NAME(function) \
                     : "lr", "cc", "memory")
    if (two_in_one) {
        BC_TILE_CALL(bc_tile_dsp_two_in_one);
    } else {
        BC_TILE_CALL(bc_tile_dsp_plain);
    }
#undef BC_TILE_CALL
    a[0] = r4;
    a[1] = r5;
    a[2] = r6;
    a[3] = r2;
    b[0] = r8;
    b[1] = r9;
    b[2] = r10;
    b[3] = r11;
    return r0;
}

/* The pairs of n bytes of a and b, in x's order; returns the end. The last pair's high number may be 0. */
static BC_INLINE int32_t *bc_tile_dsp_expand(int32_t *to, const int8_t *a, const int8_t *b, int32_t n)
{
#pragma GCC unroll 4
    for (int32_t i = 0; i < n / 4; ++i) {
        __asm__ volatile("ldr r5, [%[a]], #4\n\t"
                         "ldr r6, [%[b]], #4\n\t"
                         "sxtb16 r3, r5\n\t"
                         "sxtb16 r4, r6\n\t"
                         "sxtb16 r5, r5, ror #8\n\t"
                         "sxtb16 r6, r6, ror #8\n\t"
                         "stm %[to]!, {r3, r4, r5, r6}\n\t"
                         : [a] "+r"(a), [b] "+r"(b), [to] "+r"(to)
                         :
                         : "r3", "r4", "r5", "r6", "memory");
    }
    const int32_t rest = n % 4;
    if (rest == 3) {
        to[0] = bc_pair(a[0], a[2]);
        to[1] = bc_pair(b[0], b[2]);
        to[2] = bc_pair(a[1], 0);
        to[3] = bc_pair(b[1], 0);
        return to + 4;
    }
    if (rest != 0) {
        to[0] = bc_pair(a[0], rest == 2 ? a[1] : 0);
        to[1] = bc_pair(b[0], rest == 2 ? b[1] : 0);
        return to + 2;
    }
    return to;
}

/* The same for n int16_t, in twos as they lie in memory. */
static BC_INLINE int32_t *bc_tile_dsp_copy(int32_t *to, const int8_t *a, const int8_t *b, int32_t n)
{
#pragma GCC unroll 4
    for (int32_t i = 0; i < n / 4; ++i) {
        __asm__ volatile("ldr r3, [%[a]], #4\n\t"
                         "ldr r4, [%[b]], #4\n\t"
                         "ldr r5, [%[a]], #4\n\t"
                         "ldr r6, [%[b]], #4\n\t"
                         "stm %[to]!, {r3, r4, r5, r6}\n\t"
                         : [a] "+r"(a), [b] "+r"(b), [to] "+r"(to)
                         :
                         : "r3", "r4", "r5", "r6", "memory");
    }
    if (n % 4 >= 2) {
        to[0] = bc_load4(a);
        to[1] = bc_load4(b);
        a += 4;
        b += 4;
        to += 2;
    }
    if (n % 2 != 0) {
        int16_t last_a, last_b;
        BC_COPY(&last_a, a, 2);
        BC_COPY(&last_b, b, 2);
        to[0] = bc_pair(last_a, 0);
        to[1] = bc_pair(last_b, 0);
        to += 2;
    }
    return to;
}

/* How many pairs that makes. */
#define BC_TILE_PAIRS_OF(n) (((n) + 1) / 2)

#endif
