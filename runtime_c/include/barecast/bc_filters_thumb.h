/* SPDX-License-Identifier: 0BSD */
/*
 * All filters of a group over four pixels on cores with Thumb-1 only (Armv6-M, Armv8-M baseline): the products of
 * bc_pairs.h and the ways out in one function of the program. Otherwise half of the time of a filter of few taps goes
 * to saving registers, and to a product of 32 bits by 32 out of four of 16 bits, whose parts compilers move about.
 */
#ifndef BC_FILTERS_THUMB_H
#define BC_FILTERS_THUMB_H

#include "barecast/bc_math.h"
#include "barecast/bc_pairs.h"

/* Whether the assembly is there and takes the rule with this shift (of TensorFlow Lite's each channel has its own). */
static BC_INLINE int32_t bc_filters_thumb_takes(int32_t shift, int32_t ties)
{
#if defined(BC_ASSEMBLY_THUMB1)
    return ties == BC_TIES_TFLITE || (ties == BC_TIES_UP && shift >= 33);
#else
    (void)shift;
    (void)ties;
    return 0;
#endif
}

/*
 * w, channels and pairs as conv2d_s8_thumb.h has them. y to end: a byte for each filter; pixels 1 to 3 are offset1 to
 * offset3 bytes behind y, and may be where others are if they are the same. w, channels and y run on with the filters.
 * shift: BC_TIES_UP only.
 */
typedef struct {
    const uint32_t *pairs;
    const int8_t *w;
    const int32_t *channels;
    int8_t *y;
    int8_t *end;
    int32_t taps;
    int32_t offset1, offset2, offset3;
    int32_t zero, low, high;
    int32_t bias; /* BC_PAIRS_BIAS, and what it adds to the sum of all blocks, negated */
    int32_t biases;
    int32_t right; /* shift - 32, and the half */
    int32_t half;
} bc_filters_thumb_call;

#if defined(BC_ASSEMBLY_THUMB1)
BC_STATIC_ASSERT(sizeof(void *) == 4 && sizeof(bc_filters_thumb_call) == 64,
                 bc_filters_thumb_call_is_as_the_assembly_has_it);

/* On the stack: the multiplier, shift - 32 under TensorFlow Lite's rules, the call. */
#define BC_FILTERS_ENTRY \
    ".syntax unified\n\t" \
    "push {r4, r5, r6, r7, lr}\n\t" \
    "mov r4, r8\n\t" \
    "mov r5, r9\n\t" \
    "mov r6, r10\n\t" \
    "mov r7, r11\n\t" \
    "push {r0, r4, r5, r6, r7}\n\t" \
    "sub sp, #8\n"
#define BC_FILTERS_EXIT \
    "add sp, #12\n\t" \
    "pop {r4, r5, r6, r7}\n\t" \
    "mov r8, r4\n\t" \
    "mov r9, r5\n\t" \
    "mov r10, r6\n\t" \
    "mov r11, r7\n\t" \
    "pop {r4, r5, r6, r7, pc}\n\t"
/* r0 x, r1 w, r8 to r11 the sums, r12 BC_PAIRS_BIAS, lr the end of w, as in BC_PAIRS_ENTRY; at the end w is behind. */
#define BC_FILTERS_SUMS(SHIFT) \
    "1:\n\t" \
    "ldr r7, [sp, #8]\n\t" \
    "ldr r6, [r7, #8]\n\t" \
    "ldmia r6!, {r2, r3}\n\t" \
    SHIFT \
    "str r6, [r7, #8]\n\t" \
    "mov r9, r2\n\t" \
    "mov r11, r2\n\t" \
    "ldr r0, [r7, #0]\n\t" \
    "ldr r1, [r7, #4]\n\t" \
    "ldr r4, [r7, #20]\n\t" \
    "adds r4, r4, r1\n\t" \
    "mov lr, r4\n\t" \
    "ldr r5, [r7, #48]\n\t" \
    "mov r12, r5\n\t" \
    "lsls r4, r3, #1\n\t" \
    "lsrs r4, r4, #1\n\t" \
    "str r4, [sp, #0]\n\t" \
    "cmp r3, #0\n\t" \
    "bmi 3f\n\t" \
    "lsls r4, r2, #16\n\t" \
    "adds r4, r4, r2\n\t" \
    "ldr r5, [r7, #52]\n\t" \
    "adds r4, r4, r5\n\t" \
    "mov r8, r4\n\t" \
    "mov r10, r4\n" \
    "2:\n\t" \
    BC_PAIRS_FIRST_TAPS BC_PAIRS_SPLIT BC_PAIRS_LAST_TAPS BC_PAIRS_SPLIT \
    "cmp r1, lr\n\t" \
    "bne 2b\n\t" \
    "mov r2, r9\n\t" \
    "lsls r2, r2, #16\n\t" \
    "mov r3, r8\n\t" \
    "subs r3, r3, r2\n\t" \
    "mov r8, r3\n\t" \
    "mov r2, r11\n\t" \
    "lsls r2, r2, #16\n\t" \
    "mov r3, r10\n\t" \
    "subs r3, r3, r2\n\t" \
    "mov r10, r3\n\t" \
    "b 5f\n" \
    "3:\n\t" \
    "mov r8, r12\n\t" \
    "mov r10, r12\n" \
    "4:\n\t" \
    BC_PAIRS_FIRST_TAPS BC_PAIRS_ADD BC_PAIRS_LAST_TAPS BC_PAIRS_ADD \
    "cmp r1, lr\n\t" \
    "bne 4b\n\t" \
    "mov r4, r9\n\t" \
    "mov r5, r12\n\t" \
    "subs r5, r4, r5\n\t" \
    "mov r2, r8\n\t" \
    "asrs r3, r2, #16\n\t" \
    "adds r3, r3, r4\n\t" \
    "mov r9, r3\n\t" \
    "uxth r2, r2\n\t" \
    "adds r2, r2, r5\n\t" \
    "mov r8, r2\n\t" \
    "mov r2, r10\n\t" \
    "asrs r3, r2, #16\n\t" \
    "adds r3, r3, r4\n\t" \
    "mov r11, r3\n\t" \
    "uxth r2, r2\n\t" \
    "adds r2, r2, r5\n\t" \
    "mov r10, r2\n" \
    "5:\n\t" \
    "ldr r7, [sp, #8]\n\t" \
    "str r1, [r7, #4]\n\t"
/*
 * A way out: r4 and r5 are the multiplier's low and high half, r6 the right shift, r12 a rounding constant, lr the zero
 * point, r7 the call. r0 becomes the high word, and r1 the word beside it, of bc_multiply_long.
 */
#define BC_FILTERS_FACTOR \
    "ldr r4, [sp, #0]\n\t" \
    "asrs r5, r4, #16\n\t" \
    "uxth r4, r4\n\t" \
    "mov r12, r3\n\t" \
    "ldr r3, [r7, #36]\n\t" \
    "mov lr, r3\n\t"
#define BC_FILTERS_OUT(SUM, ROUND, AT) \
    "mov r0, " SUM "\n\t" \
    "uxth r1, r0\n\t" \
    "asrs r0, r0, #16\n\t" \
    "movs r2, r1\n\t" \
    "muls r2, r4, r2\n\t" \
    "muls r1, r5, r1\n\t" \
    "lsrs r2, r2, #16\n\t" \
    "movs r3, r0\n\t" \
    "muls r3, r4, r3\n\t" \
    "adds r2, r2, r3\n\t" \
    "muls r0, r5, r0\n\t" \
    "asrs r3, r2, #16\n\t" \
    "adds r0, r0, r3\n\t" \
    "uxth r2, r2\n\t" \
    "adds r1, r1, r2\n\t" \
    ROUND \
    "ldr r1, [r7, #40]\n\t" \
    "ldr r2, [r7, #44]\n\t" \
    "ldr r3, [r7, #12]\n\t" \
    "add r0, lr\n\t" \
    "cmp r0, r1\n\t" \
    "bge 7f\n\t" \
    "movs r0, r1\n" \
    "7:\n\t" \
    "cmp r0, r2\n\t" \
    "ble 8f\n\t" \
    "movs r0, r2\n" \
    "8:\n\t" \
    AT
#define BC_FILTERS_AT0 "strb r0, [r3]\n\t"
#define BC_FILTERS_AT(offset) "ldr r1, [r7, #" offset "]\n\tstrb r0, [r3, r1]\n\t"
#define BC_FILTERS_OUTS(ROUND) \
    BC_FILTERS_OUT("r8", ROUND, BC_FILTERS_AT0) \
    BC_FILTERS_OUT("r9", ROUND, BC_FILTERS_AT("24")) \
    BC_FILTERS_OUT("r10", ROUND, BC_FILTERS_AT("28")) \
    BC_FILTERS_OUT("r11", ROUND, BC_FILTERS_AT("32")) \
    "adds r3, r3, #1\n\t" \
    "str r3, [r7, #12]\n\t" \
    "ldr r2, [r7, #16]\n\t" \
    "cmp r3, r2\n\t" \
    "beq 9f\n\t" \
    "b 1b\n" \
    "9:\n\t"
/* bc_requantize for ties = 0, shift >= 33. */
#define BC_FILTERS_UP \
    "asrs r1, r1, #16\n\t" \
    "adds r0, r0, r1\n\t" \
    "add r0, r12\n\t" \
    "asrs r0, r6\n\t"
/* bc_double_high, then bc_divide_by_power by 2**(r6 + 1); below 0 it is nothing, and the sums come shifted. */
#define BC_FILTERS_TWICE \
    "add r1, r12\n\t" \
    "asrs r1, r1, #15\n\t" \
    "lsls r0, r0, #1\n\t" \
    "adds r0, r0, r1\n\t" \
    "cmp r6, #0\n\t" \
    "blt 6f\n\t" \
    "asrs r1, r0, #31\n\t" \
    "adds r0, r0, r1\n\t" \
    "asrs r0, r6\n\t" \
    "adds r0, r0, #1\n\t" \
    "asrs r0, r0, #1\n" \
    "6:\n\t"
#define BC_FILTERS_LEFT(SUM) \
    "mov r2, " SUM "\n\t" \
    "lsls r2, r3\n\t" \
    "mov " SUM ", r2\n\t"

/* Two statements each, since C99 promises no strings of more than 4095 bytes; here nothing comes between them. */
static BC_NAKED void bc_filters_thumb_up(bc_filters_thumb_call *call BC_PAIRS_UNUSED)
{
    __asm__ volatile(BC_FILTERS_ENTRY BC_FILTERS_SUMS(""));
    __asm__ volatile(".syntax unified\n\t"
                     "ldr r6, [r7, #56]\n\t"
                     "ldr r3, [r7, #60]\n\t"
                     BC_FILTERS_FACTOR BC_FILTERS_OUTS(BC_FILTERS_UP) BC_FILTERS_EXIT);
}

static BC_NAKED void bc_filters_thumb_twice(bc_filters_thumb_call *call BC_PAIRS_UNUSED)
{
    __asm__ volatile(BC_FILTERS_ENTRY BC_FILTERS_SUMS("ldmia r6!, {r4}\n\t"
                                                      "subs r4, #32\n\t"
                                                      "str r4, [sp, #4]\n\t"));
    __asm__ volatile(".syntax unified\n\t"
                     "ldr r6, [sp, #4]\n\t"
                     "cmp r6, #0\n\t"
                     "bge 6f\n\t"
                     "mvns r3, r6\n\t"
                     BC_FILTERS_LEFT("r8") BC_FILTERS_LEFT("r9") BC_FILTERS_LEFT("r10") BC_FILTERS_LEFT("r11")
                     "6:\n\t"
                     "movs r3, #1\n\t"
                     "lsls r3, r3, #14\n\t"
                     BC_FILTERS_FACTOR BC_FILTERS_OUTS(BC_FILTERS_TWICE) BC_FILTERS_EXIT);
}
#endif

/* The call, where bc_filters_thumb_takes says so; shift: as there. */
static BC_INLINE void bc_filters_thumb(bc_filters_thumb_call *call, int32_t shift, int32_t ties)
{
#if defined(BC_ASSEMBLY_THUMB1)
    call->bias = BC_PAIRS_BIAS;
    call->biases = -BC_PAIRS_BIAS * (call->taps / 2);
    if (ties == BC_TIES_TFLITE) {
        bc_filters_thumb_twice(call);
    } else {
        call->right = shift - 32;
        call->half = (int32_t)1 << (shift - 33);
        bc_filters_thumb_up(call);
    }
#else
    (void)call;
    (void)shift;
    (void)ties;
#endif
}

#endif
