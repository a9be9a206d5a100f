/* SPDX-License-Identifier: 0BSD */
/*
 * Depthwise convolution for Helium by VMLADAV: 4 x 4 bytes of one channel in a vector are a window of up to 3 x 3 taps.
 *
 * A walk goes along one axis of the image (`position`) and has four neighbouring lines across it. bc_mve_turn
 * brings 16 channels of four lines into the order t [positions][16 channels][4 lines]; four positions of one channel
 * are then four words, 64 bytes apart, which one VLDRW gathers. Weights:
 *
 *   w [channels, in fours][4 positions][0, tap, tap, tap], then 4 bytes of 0; the fourth position is 0
 *
 * so that 16 bytes from a channel's start on are its taps for the lines 1, 2 and 3, and from one byte behind it those
 * for the lines 0, 1 and 2: two neighbouring lines of results come from one t. The ways out are those of bc_mve.h.
 */
#ifndef BC_WALK_MVE_H
#define BC_WALK_MVE_H

#include "barecast/bc_mve.h"

/* Four lines of x: where they start and the bytes from one position to the next (0 where the line is padding). */
typedef struct {
    const int8_t *from[4];
    int32_t step[4];
} bc_mve_lines;

/* t [count][16][4] = count (> 0) positions of the first `channels` <= 16 channels of the lines; the others become 0. */
BC_MVE_NAKED void bc_mve_turn(
    BC_MVE_UNUSED const bc_mve_lines *lines, BC_MVE_UNUSED int8_t *t, BC_MVE_UNUSED int32_t count,
    BC_MVE_UNUSED int32_t channels)
{
    __asm__ volatile(
        "push {r4-r11, lr}\n"
        "ldm r0, {r4-r11}\n"
        "vctp.8 r3\n"
        "dls lr, r2\n"
        "1:\n"
        "vpstttt\n"
        "vldrbt.8 q0, [r4]\n"
        "vldrbt.8 q1, [r5]\n"
        "vldrbt.8 q2, [r6]\n"
        "vldrbt.8 q3, [r7]\n"
        "add r4, r4, r8\n"
        "add r5, r5, r9\n"
        "add r6, r6, r10\n"
        "add r7, r7, r11\n"
        "vst40.8 {q0, q1, q2, q3}, [r1]\n"
        "vst41.8 {q0, q1, q2, q3}, [r1]\n"
        "vst42.8 {q0, q1, q2, q3}, [r1]\n"
        "vst43.8 {q0, q1, q2, q3}, [r1]!\n"
        "le lr, 1b\n"
        "pop {r4-r11, pc}\n");
}

/*
 * count > 0 results of up to 16 channels along a line: y[i * y_step + c] from the window that starts at t + i * t_step.
 * The first, third and fourth member and `left` are used up.
 */
typedef struct {
    const int8_t *w;
    const int32_t *channels;
    const int8_t *t;
    int8_t *y;
    int32_t count, y_step, t_step;
    int32_t left; /* channels */
    int32_t right, zero, low, high;
} bc_mve_walk;

BC_STATIC_ASSERT(offsetof(bc_mve_walk, count) == 16 && offsetof(bc_mve_walk, high) == 44,
                 bc_mve_walk_is_as_the_assembly_reads_it);

/*
 * r1: y; r3: y_step; r5: channels; r7: results left; r8: 32 - shift; r9: zero; r10, r11: bounds; r12: t_step;
 * q3: the addresses of the window's positions; q4 to q7: the weights of four channels; q1, q2: two results' sums.
 */
#define BC_MVE_WINDOW(Q)                 \
    "vldrw.u32 q0, [q3]\n"               \
    "vmladav.s8 r0, q0, q4\n"            \
    "vldrw.u32 q0, [q3, #4]\n"           \
    "vmladav.s8 r2, q0, q5\n"            \
    "vldrw.u32 q0, [q3, #8]\n"           \
    "vmladav.s8 r4, q0, q6\n"            \
    "vldrw.u32 q0, [q3, #12]\n"          \
    "vmladav.s8 r6, q0, q7\n"            \
    "vadd.i32 q3, q3, r12\n"             \
    "vmov " Q "[2], " Q "[0], r0, r4\n"  \
    "vmov " Q "[3], " Q "[1], r2, r6\n"

#define BC_MVE_WALK_BIAS                 \
    "vldrw.u32 q0, [r5]\n"               \
    "vadd.i32 q1, q1, q0\n"              \
    "vadd.i32 q2, q2, q0\n"              \
    "vldrw.u32 q0, [r5, #16]\n"
#define BC_MVE_WALK_HIGH                 \
    BC_MVE_WALK_BIAS                     \
    "vmulh.s32 q1, q1, q0\n"             \
    "vmulh.s32 q2, q2, q0\n"             \
    "vrshl.s32 q1, r8\n"                 \
    "vrshl.s32 q2, r8\n"
#define BC_MVE_WALK_HIGH_EACH            \
    BC_MVE_WALK_BIAS                     \
    "vmulh.s32 q1, q1, q0\n"             \
    "vmulh.s32 q2, q2, q0\n"             \
    "vldrw.u32 q0, [r5, #32]\n"          \
    "vrshl.s32 q1, q1, q0\n"             \
    "vrshl.s32 q2, q2, q0\n"
#define BC_MVE_WALK_TWICE                \
    BC_MVE_WALK_BIAS                     \
    "vqrdmulh.s32 q1, q1, q0\n"          \
    "vqrdmulh.s32 q2, q2, q0\n"          \
    "vldrw.u32 q0, [r5, #32]\n"          \
    "vand q0, q0, q1\n"                  \
    "vshr.s32 q0, q0, #31\n"             \
    "vadd.i32 q1, q1, q0\n"              \
    "vldrw.u32 q0, [r5, #32]\n"          \
    "vand q0, q0, q2\n"                  \
    "vshr.s32 q0, q0, #31\n"             \
    "vadd.i32 q2, q2, q0\n"              \
    "vldrw.u32 q0, [r5, #32]\n"          \
    "vrshl.s32 q1, q1, q0\n"             \
    "vrshl.s32 q2, q2, q0\n"

/* q1 on the even and q2 on the odd 16-bit lanes; with the whole range of int8_t for bounds saturation is enough. */
#define BC_MVE_WALK_PAIR                 \
    "vqmovnb.s32 q1, q1\n"               \
    "vqmovnt.s32 q1, q2\n"               \
    "vqadd.s16 q1, q1, r9\n"
#define BC_MVE_WALK_SATURATE BC_MVE_WALK_PAIR "vqmovnb.s16 q1, q1\n"
#define BC_MVE_WALK_CLAMP                \
    BC_MVE_WALK_PAIR                     \
    "vdup.16 q0, r10\n"                  \
    "vmax.s16 q1, q1, q0\n"              \
    "vdup.16 q0, r11\n"                  \
    "vmin.s16 q1, q1, q0\n"

#define BC_MVE_WALK_ALL(RESCALE, CLAMP, QUAD_BYTES) \
    "push {r4-r11, lr}\n"                \
    "vpush {d8-d15}\n"                   \
    "sub sp, sp, #4\n"                   \
    "str r0, [sp]\n"                     \
    "ldr r5, [r0, #4]\n"                 \
    "ldrd r3, r12, [r0, #20]\n"          \
    "ldrd r8, r9, [r0, #32]\n"           \
    "ldrd r10, r11, [r0, #40]\n"         \
    "0:\n"                               \
    "ldr r1, [r0]\n"                     \
    "vldrb.8 q4, [r1], #16\n"            \
    "vldrb.8 q5, [r1], #16\n"            \
    "vldrb.8 q6, [r1], #16\n"            \
    "vldrb.8 q7, [r1], #16\n"            \
    "str r1, [r0]\n"                     \
    "ldr r2, [r0, #8]\n"                 \
    "mov r4, #0\n"                       \
    "vidup.u32 q3, r4, #8\n"             \
    "vshl.i32 q3, q3, #3\n"              \
    "vadd.i32 q3, q3, r2\n"              \
    "add r2, r2, #16\n"                  \
    "str r2, [r0, #8]\n"                 \
    "ldrd r1, r7, [r0, #12]\n"           \
    "add r2, r1, #4\n"                   \
    "str r2, [r0, #12]\n"                \
    "ldr r2, [r0, #28]\n"                \
    "vctp.32 r2\n"                       \
    "1:\n"                               \
    BC_MVE_WINDOW("q1")                  \
    BC_MVE_WINDOW("q2")                  \
    RESCALE                              \
    CLAMP                                \
    "subs r7, r7, #2\n"                  \
    "blt 2f\n"                           \
    "add r2, r1, r3\n"                   \
    "vshr.u32 q2, q1, #16\n"             \
    "vpstt\n"                            \
    "vstrbt.32 q1, [r1]\n"               \
    "vstrbt.32 q2, [r2]\n"               \
    "add r1, r2, r3\n"                   \
    "bgt 1b\n"                           \
    "b 3f\n"                             \
    "2:\n"                               \
    "vpst\n"                             \
    "vstrbt.32 q1, [r1]\n"               \
    "3:\n"                               \
    "ldr r0, [sp]\n"                     \
    "ldr r2, [r0, #28]\n"                \
    "subs r2, r2, #4\n"                  \
    "str r2, [r0, #28]\n"                \
    "add r5, r5, #" QUAD_BYTES "\n"      \
    "bgt 0b\n"                           \
    "add sp, sp, #4\n"                   \
    "vpop {d8-d15}\n"                    \
    "pop {r4-r11, pc}\n"

#define BC_MVE_WALKS(NAME, RESCALE, QUAD_BYTES)                                    \
    BC_MVE_NAKED void bc_mve_walk_##NAME(BC_MVE_UNUSED bc_mve_walk *walk)          \
    {                                                                              \
        __asm__ volatile(BC_MVE_WALK_ALL(RESCALE, BC_MVE_WALK_SATURATE, QUAD_BYTES)); \
    }                                                                              \
    BC_MVE_NAKED void bc_mve_walk_clamped_##NAME(BC_MVE_UNUSED bc_mve_walk *walk)  \
    {                                                                              \
        __asm__ volatile(BC_MVE_WALK_ALL(RESCALE, BC_MVE_WALK_CLAMP, QUAD_BYTES)); \
    }

BC_MVE_WALKS(high, BC_MVE_WALK_HIGH, "32")
BC_MVE_WALKS(high_each, BC_MVE_WALK_HIGH_EACH, "48")
BC_MVE_WALKS(twice, BC_MVE_WALK_TWICE, "48")

/* The walk by the mode, a constant: any but BC_MVE_SCALAR. */
static BC_INLINE void bc_mve_go(bc_mve_walk *walk, int32_t mode, int32_t low, int32_t high)
{
    const int32_t saturates = low == INT8_MIN && high == INT8_MAX;
    if (mode == BC_MVE_HIGH) {
        saturates ? bc_mve_walk_high(walk) : bc_mve_walk_clamped_high(walk);
    } else if (mode == BC_MVE_HIGH_EACH) {
        saturates ? bc_mve_walk_high_each(walk) : bc_mve_walk_clamped_high_each(walk);
    } else {
        saturates ? bc_mve_walk_twice(walk) : bc_mve_walk_clamped_twice(walk);
    }
}

#endif
