/* SPDX-License-Identifier: 0BSD */
/*
 * Fully connected layers on cores with the DSP extension: four outputs at a time; the weights, which are read once
 * only, and x are expanded on the way; x of 16 bits is read as it is.
 *
 * w: the tiles of bc_tile_dsp.h, for one segment of in_c numbers that zeros fill up to a multiple of 4. The
 * functions exist once in a program, with a convention of their own: r0 w, r1 x, r2 the end of x, r3 bytes of code to
 * skip at the first turn of the loop, r4, r5, r6, r8 the sums of outputs 0 to 3.
 *
 * Where there is scratch memory x is expanded beforehand, to pairs there. Then segments are filled up to a multiple of
 * 8, and a third function takes 8 numbers at a time.
 */
#ifndef BC_DENSE_DSP_H
#define BC_DENSE_DSP_H

#include "barecast/bc_dsp.h"
#include "barecast/dense.h"

/* The loop is written out for so many groups of four numbers. */
#define BC_DENSE_GROUPS 4

#define BC_DENSE_ENTRY \
    ".syntax unified\n\t" \
    "push.w {r7, lr}\n\t" \
    "add pc, r3\n\t" /* the pc is 4 bytes ahead: 0 goes to the loop's first instruction */ \
    "nop\n" \
    "0:\n\t"

#define BC_DENSE_LOOP \
    "cmp r1, r2\n\t" \
    "bne.w 0b\n\t" \
    "pop {r7, pc}\n\t"

#define BC_DENSE_TWICE(text) text text
#define BC_DENSE_FOUR_TIMES(text) BC_DENSE_TWICE(BC_DENSE_TWICE(text))

/* Four numbers of x as the pairs lr and r3, and their weights: r9, r10 for lr, r11, r12 for r3. */
#define BC_DENSE_LOAD \
    "ldr.w r3, [r1], #4\n\t" \
    "ldm.w r0!, {r9, r10, r11, r12}\n\t" \
    "sxtb16 lr, r3\n\t" \
    "sxtb16 r3, r3, ror #8\n\t"

/* The same from four int16_t. */
#define BC_DENSE_LOAD_S16 \
    "ldr.w lr, [r1], #4\n\t" \
    "ldr.w r3, [r1], #4\n\t" \
    "ldm.w r0!, {r9, r10, r11, r12}\n\t"

/* A word of weights for outputs low and high: see bc_tile_dsp_two_in_one. */
#define BC_DENSE_TWO_IN_ONE(x, w, low, high) \
    "smlad " high ", " x ", " w ", " high "\n\t" \
    "sxtb16 " w ", " w "\n\t" \
    "smlad " low ", " x ", " w ", " low "\n\t"

#define BC_DENSE_PLAIN(x, w, low, high) \
    "sxtb16 r7, " w "\n\t" \
    "smlad " low ", " x ", r7, " low "\n\t" \
    "sxtb16 " w ", " w ", ror #8\n\t" \
    "smlad " high ", " x ", " w ", " high "\n\t"

#define BC_DENSE_GROUP(LOAD, WORD) \
    LOAD WORD("lr", "r9", "r4", "r5") WORD("lr", "r10", "r6", "r8") WORD("r3", "r11", "r4", "r5") \
        WORD("r3", "r12", "r6", "r8")

/* Bytes of a group's code: 16, 20 or 19 instructions. */
#define BC_DENSE_TWO_IN_ONE_BYTES 64
#define BC_DENSE_PLAIN_BYTES 80
#define BC_DENSE_S16_BYTES 76

static __attribute__((naked, noinline, unused, aligned(4))) void bc_dense_dsp_two_in_one(void)
{
    __asm__ volatile(BC_DENSE_ENTRY BC_DENSE_FOUR_TIMES(BC_DENSE_GROUP(BC_DENSE_LOAD, BC_DENSE_TWO_IN_ONE))
                         BC_DENSE_LOOP);
}

static __attribute__((naked, noinline, unused, aligned(4))) void bc_dense_dsp_plain(void)
{
    __asm__ volatile(BC_DENSE_ENTRY BC_DENSE_FOUR_TIMES(BC_DENSE_GROUP(BC_DENSE_LOAD, BC_DENSE_PLAIN)) BC_DENSE_LOOP);
}

static __attribute__((naked, noinline, unused, aligned(4))) void bc_dense_dsp_s16(void)
{
    __asm__ volatile(BC_DENSE_ENTRY BC_DENSE_FOUR_TIMES(BC_DENSE_GROUP(BC_DENSE_LOAD_S16, BC_DENSE_PLAIN))
                         BC_DENSE_LOOP);
}

/* Eight numbers: four pairs in r2, r3, r7, r9, of which two share a load of weights. The end of x is on the stack. */
#define BC_DENSE_EIGHT \
    "ldm.w r1!, {r2, r3, r7, r9}\n\t" \
    "ldm.w r0!, {r10, r11, r12, lr}\n\t" \
    BC_DENSE_TWO_IN_ONE("r2", "r10", "r4", "r5") BC_DENSE_TWO_IN_ONE("r2", "r11", "r6", "r8") \
    BC_DENSE_TWO_IN_ONE("r3", "r12", "r4", "r5") BC_DENSE_TWO_IN_ONE("r3", "lr", "r6", "r8") \
    "ldm.w r0!, {r10, r11, r12, lr}\n\t" \
    BC_DENSE_TWO_IN_ONE("r7", "r10", "r4", "r5") BC_DENSE_TWO_IN_ONE("r7", "r11", "r6", "r8") \
    BC_DENSE_TWO_IN_ONE("r9", "r12", "r4", "r5") BC_DENSE_TWO_IN_ONE("r9", "lr", "r6", "r8")

/* Bytes of their code: 27 instructions. */
#define BC_DENSE_EIGHT_BYTES 108

static __attribute__((naked, noinline, unused, aligned(4))) void bc_dense_dsp_eights(void)
{
    __asm__ volatile(".syntax unified\n\t"
                     "push.w {r2, r7, lr}\n\t"
                     "add pc, r3\n\t" /* as in BC_DENSE_ENTRY */
                     "nop\n"
                     "0:\n\t" BC_DENSE_FOUR_TIMES(BC_DENSE_EIGHT)
                     "ldr.w r2, [sp]\n\t"
                     "cmp r1, r2\n\t"
                     "bne.w 0b\n\t"
                     "pop {r2, r7, pc}\n\t");
}

/* The pairs of in_c bytes, in fours (0, 2) (1, 3), with zeros to a multiple of 8 numbers. */
static BC_INLINE void bc_dense_dsp_expand(int32_t *to, const int8_t *x, int32_t in_c)
{
#pragma GCC unroll 4
    for (int32_t k = 0; k < in_c / 4; ++k) {
        const int32_t word = bc_load4(x);
        to[0] = bc_even_pair(word);
        to[1] = bc_odd_pair(word);
        x += 4;
        to += 2;
    }
    if (in_c % 4 != 0) {
        to[0] = bc_pair(x[0], in_c % 4 == 3 ? x[2] : 0);
        to[1] = bc_pair(in_c % 4 > 1 ? x[1] : 0, 0);
        to += 2;
    }
    if ((in_c + 3) / 4 % 2 != 0) {
        to[0] = 0;
        to[1] = 0;
    }
}

/* acc[o] += the products of x, `eights` (>= 1) times eight numbers in pairs; returns the end of their weights. */
static BC_INLINE const int32_t *bc_dense_dsp_sums_of_pairs(
    const int32_t *w, const int32_t *x, int32_t eights, int32_t acc[4])
{
    const int32_t skipped = (BC_DENSE_GROUPS - eights % BC_DENSE_GROUPS) % BC_DENSE_GROUPS;
    register const int32_t *r0 __asm__("r0") = w;
    register const int32_t *r1 __asm__("r1") = x;
    register const int32_t *r2 __asm__("r2") = x + 4 * eights;
    register int32_t r3 __asm__("r3") = skipped * BC_DENSE_EIGHT_BYTES;
    register int32_t r4 __asm__("r4") = acc[0];
    register int32_t r5 __asm__("r5") = acc[1];
    register int32_t r6 __asm__("r6") = acc[2];
    register int32_t r8 __asm__("r8") = acc[3];
    BC_DSP_CALLEE(bc_dense_dsp_eights);
    __asm__ volatile(BC_DSP_BRANCH
                     : "+r"(r0), "+r"(r1), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r8), BC_DSP_R12
                     : "r"(r2), BC_DSP_NAME(bc_dense_dsp_eights)
                     : "r9", "r10", "r11", "lr", "cc", "memory");
    acc[0] = r4;
    acc[1] = r5;
    acc[2] = r6;
    acc[3] = r8;
    return r0;
}

/* acc[o] += the products of `groups` (>= 1) times four numbers; returns the end of their weights. */
static BC_INLINE const int32_t *bc_dense_dsp_sums(
    const int32_t *w, const int8_t *x, int32_t groups, int32_t kind, int32_t acc[4])
{
    const int32_t skipped = (BC_DENSE_GROUPS - groups % BC_DENSE_GROUPS) % BC_DENSE_GROUPS;
    register const int32_t *r0 __asm__("r0") = w;
    register const int8_t *r1 __asm__("r1") = x;
    register const int8_t *r2 __asm__("r2") = x + 4 * groups * BC_DSP_BYTES(kind);
    register int32_t r3 __asm__("r3") = skipped
        * (kind == BC_DSP_S8_PAIRED    ? BC_DENSE_TWO_IN_ONE_BYTES
               : kind == BC_DSP_S8_ANY ? BC_DENSE_PLAIN_BYTES
                                       : BC_DENSE_S16_BYTES);
    register int32_t r4 __asm__("r4") = acc[0];
    register int32_t r5 __asm__("r5") = acc[1];
    register int32_t r6 __asm__("r6") = acc[2];
    register int32_t r8 __asm__("r8") = acc[3];
#define BC_DENSE_CALL(function) \
    BC_DSP_CALLEE(function); \
    __asm__ volatile(BC_DSP_BRANCH \
                     : "+r"(r0), "+r"(r1), "+r"(r3), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r8), BC_DSP_R12 \
                     : "r"(r2), BC_DSP_NAME(function) \
                     : "r9", "r10", "r11", "lr", "cc", "memory")
    if (kind == BC_DSP_S8_PAIRED) {
        BC_DENSE_CALL(bc_dense_dsp_two_in_one);
    } else if (kind == BC_DSP_S8_ANY) {
        BC_DENSE_CALL(bc_dense_dsp_plain);
    } else {
        BC_DENSE_CALL(bc_dense_dsp_s16);
    }
#undef BC_DENSE_CALL
    acc[0] = r4;
    acc[1] = r5;
    acc[2] = r6;
    acc[3] = r8;
    return r0;
}

/* The same with the last in_c % 4 numbers of a row at x, which zeros fill up. */
static BC_INLINE const int32_t *bc_dense_dsp_rest(
    const bc_dense_params *p, const int32_t *w, const int8_t *x, int32_t kind, int32_t acc[4])
{
    int32_t last[2] = {0, 0};
    BC_COPY(last, x, (size_t)(p->in_c % 4 * BC_DSP_BYTES(kind)));
    return bc_dense_dsp_sums(w, (const int8_t *)last, 1, kind, acc);
}

/*
 * `count` outputs of a row, 1 to 4, as BC_DSP_S16_ANY says; returns the next tile's weights. A tile has no first
 * values, and at its end BC_DSP_LONG_WORDS for each output.
 */
static BC_INLINE const int32_t *bc_dense_dsp_tile_long(
    const bc_dense_params *p, const int32_t *w, const int8_t *x, int8_t *y, int32_t count)
{
    const int32_t groups = p->in_c / 4, most = p->acc_wide ? BC_DSP_LONG_PAIRS / 2 : groups;
    int64_t sum[4] = {0, 0, 0, 0};
    int32_t acc[4] = {0, 0, 0, 0};
#pragma GCC unroll 1
    for (int32_t left = groups; left > 0; left -= most) {
        w = bc_dense_dsp_sums(w, x, left < most ? left : most, BC_DSP_S16_ANY, acc);
        x += 8 * (left < most ? left : most);
        for (int32_t o = 0; o < 4; ++o) {
            sum[o] += acc[o];
            acc[o] = 0;
        }
    }
    if (p->in_c % 4 > 0) {
        w = bc_dense_dsp_rest(p, w, x, BC_DSP_S16_ANY, acc);
    }
#pragma GCC unroll 1
    for (int32_t o = 0; o < count; ++o) {
        const int16_t to = bc_dsp_output_long(
            sum[o] + acc[o], w + o * BC_DSP_LONG_WORDS, p->ties, p->y_zero, p->y_min, p->y_max);
        BC_COPY(y + 2 * o, &to, 2);
    }
    return w + 4 * BC_DSP_LONG_WORDS;
}

/* `count` outputs of a row, 1 to 4, from its pairs or, where these are null, from x; returns the next tile's weights.
 * same: the factor of all outputs, if one. */
static BC_INLINE const int32_t *bc_dense_dsp_tile(
    const bc_dense_params *p, const int32_t *w, const int32_t *same, const int8_t *x, const int32_t *pairs,
    int32_t kind, int8_t *y, int32_t count)
{
    if (kind == BC_DSP_S16_ANY) {
        return bc_dense_dsp_tile_long(p, w, x, y, count);
    }
    const int32_t groups = p->in_c / 4, words = BC_DSP_WORDS(kind, p->ties);
    int32_t acc[4] = {w[0], w[1], w[2], w[3]};
    w += 4;
    if (pairs) {
        w = bc_dense_dsp_sums_of_pairs(w, pairs, (p->in_c + 7) / 8, acc);
    } else if (groups > 0) {
        w = bc_dense_dsp_sums(w, x, groups, kind, acc);
    }
    if (p->in_c % 4 > 0 && !pairs) {
        w = bc_dense_dsp_rest(p, w, x + 4 * groups * BC_DSP_BYTES(kind), kind, acc);
    }
    if (kind == BC_DSP_S8_PAIRED) {
        acc[1] = (int32_t)((uint32_t)acc[1] - (uint32_t)acc[0]);
        acc[3] = (int32_t)((uint32_t)acc[3] - (uint32_t)acc[2]);
    }
    const int32_t *factor = p->per_channel ? w : same;
    const int32_t step = p->per_channel ? words : 0;
#define BC_DENSE_OUT(o) \
    bc_dsp_output( \
        acc[o], BC_DSP_SCALED(kind, o), factor + (o) * step, kind, p->shift, p->ties, p->y_zero, p->y_min, p->y_max)
    bc_store_some(y, count, BC_DENSE_OUT(0), BC_DENSE_OUT(1), BC_DENSE_OUT(2), BC_DENSE_OUT(3), BC_DSP_BYTES(kind));
#undef BC_DENSE_OUT
    return p->per_channel ? w + 4 * words : w;
}

/* x and y as bytes; kind: bc_dsp.h. scratch: for the pairs of a row, in_c filled up to a multiple of 8
 * (BC_DSP_S8_PAIRED only), or null. */
static BC_INLINE void bc_dense_dsp(
    const bc_dense_params *p, const int8_t *x, const int32_t *w, int8_t *y, int32_t *scratch, int32_t kind)
{
    const int32_t fours = p->out_c / 4 * 4, bytes = BC_DSP_BYTES(kind);
    const int32_t *same = w;
    w += p->per_channel || kind == BC_DSP_S16_ANY ? 0 : BC_DSP_WORDS(kind, p->ties);
    for (int32_t m = 0; m < p->rows; ++m) {
        const int32_t *at = w;
        if (scratch) {
            bc_dense_dsp_expand(scratch, x, p->in_c);
        }
        for (int32_t o = 0; o < fours; o += 4) {
            at = bc_dense_dsp_tile(p, at, same, x, scratch, kind, y + o * bytes, 4);
        }
        if (p->out_c > fours) {
            bc_dense_dsp_tile(p, at, same, x, scratch, kind, y + fours * bytes, p->out_c - fours);
        }
        x += p->in_c * bytes;
        y += p->out_c * bytes;
    }
}

#endif
