/* SPDX-License-Identifier: 0BSD */
/*
 * Depthwise convolution for Helium by VMLADAV, windows of any size: bc_walk_mve.h with more lines, and several gathers
 * a result.
 *
 * The rows of a window across the walk are taken in groups. bc_mve_turn brings four lines of a group into the order
 * t [positions][16 channels][4 lines], one group behind the other, so that a word is four taps of a channel. The lines
 * of a group are 4 rows (or 3, the fourth being padding); 2 rows and the same again one tap further; or 1 row four
 * times, each a tap further. So a group of r rows has ceil(taps * r / 4) words, and a gather fetches any four words of
 * a window. Weights:
 *
 *   w [channels, in fours][gathers][4 channels][4 words][4 lines] int8_t, 0 where there is no tap
 */
#ifndef BC_SWEEP_MVE_H
#define BC_SWEEP_MVE_H

#include "barecast/bc_walk_mve.h"

/* Rows side by side in group g of a window of `rows`; 4 / that is how many taps its words are apart. */
static BC_INLINE int32_t bc_mve_group_rows(int32_t rows, int32_t g)
{
    return rows - 4 * g >= 3 ? 4 : rows - 4 * g;
}

/* offsets [gathers][4]: of a window's words behind its first position, 0 for those that only have weights of 0. */
static BC_INLINE void bc_mve_word_offsets(
    int32_t *offsets, int32_t rows, int32_t taps, int32_t dilation, int32_t group_bytes)
{
    int32_t words = 0;
    for (int32_t g = 0; 4 * g < rows; ++g) {
        const int32_t apart = 4 / bc_mve_group_rows(rows, g);
        for (int32_t tap = 0; tap < taps; tap += apart) {
            offsets[words++] = g * group_bytes + 64 * tap * dilation;
        }
    }
    while (words % 4 != 0) {
        offsets[words++] = 0;
    }
}

/* One line of a group: its first element, null for padding, and how far the walk's first position is before it. */
typedef struct {
    const int8_t *from[4];
    int32_t before[4];
} bc_mve_group;

/* bc_mve_turn for lines of `extent` elements, `step` bytes apart; what is beside them comes from `padding`. */
BC_MVE_SHARED void bc_mve_turn_group(
    const bc_mve_group *group, int32_t extent, int32_t step, int8_t *t, int32_t positions, int32_t channels,
    const int8_t *padding)
{
    for (int32_t at = 0, next; at < positions; at = next) {
        bc_mve_lines lines;
        next = positions;
        for (int32_t k = 0; k < 4; ++k) {
            const int32_t first = group->before[k], end = first + extent;
            const int32_t there = group->from[k] && at < end, inside = there && at >= first;
            const int32_t change = inside ? end : first;
            next = there && change < next ? change : next;
            lines.from[k] = inside ? group->from[k] + (at - first) * step : padding;
            lines.step[k] = inside ? step : 0;
        }
        bc_mve_turn(&lines, t + 64 * at, next - at, channels);
    }
}

/*
 * count > 0 results of up to 16 channels along a line, channel c at y + i * y_step + c * apart, from the windows that
 * start at t + i * t_step. more: gathers but the first; right, zero, low, high: as in bc_mve_layer; quad: bytes of
 * `channels` for four of them. w, channels, t, line and left are used up; y, todo and scatter are the function's own.
 */
typedef struct {
    const int32_t *offsets;
    int32_t more;
    const int8_t *w;
    const int32_t *channels;
    const int8_t *t;
    int8_t *line;
    int32_t count, left;
    int32_t right, zero, low, high;
    int32_t y_step, t_step, apart, quad;
    int8_t *y;
    int32_t todo;
    int32_t scatter[4];
} bc_mve_sweep;

BC_STATIC_ASSERT(offsetof(bc_mve_sweep, low) == 40 && offsetof(bc_mve_sweep, scatter) == 72,
                 bc_mve_sweep_is_as_the_assembly_reads_it);

/* r9: the struct, but in FINISH; r1: weights; r3, r11: two results' t; r5: offsets; r7: gathers left; q3, q4: bounds */
#define BC_MVE_SWEEP_ONE(VMLADAV, AT, A, B) \
    "vldrb.8 q2, [r1], #16\n"               \
    "vldrw.u32 q0, [q6" AT "]\n"            \
    "vldrw.u32 q1, [q7" AT "]\n"            \
    VMLADAV " " A ", q0, q2\n"              \
    VMLADAV " " B ", q1, q2\n"
#define BC_MVE_SWEEP_FOUR(VMLADAV)                \
    "vldrw.u32 q6, [r5], #16\n"                   \
    "vadd.i32 q7, q6, r11\n"                      \
    "vadd.i32 q6, q6, r3\n"                       \
    BC_MVE_SWEEP_ONE(VMLADAV, "", "r0", "r8")     \
    BC_MVE_SWEEP_ONE(VMLADAV, ", #4", "r2", "r10") \
    BC_MVE_SWEEP_ONE(VMLADAV, ", #8", "r4", "r12") \
    BC_MVE_SWEEP_ONE(VMLADAV, ", #12", "r6", "lr")

#define BC_MVE_SWEEP_ALL(FINISH)         \
    "push {r4-r11, lr}\n"                \
    "vpush {d8-d15}\n"                   \
    "mov r9, r0\n"                       \
    "ldrd r2, r4, [r9, #40]\n"           \
    "vdup.32 q3, r2\n"                   \
    "vdup.32 q4, r4\n"                   \
    "ldr r6, [r9, #56]\n"                \
    "mov r2, #0\n"                       \
    "vidup.u32 q0, r2, #1\n"             \
    "vmul.i32 q0, q0, r6\n"              \
    "vstrw.32 q0, [r9, #72]\n"           \
    "0:\n"                               \
    "ldrd r4, r6, [r9, #20]\n"           \
    "strd r4, r6, [r9, #64]\n"           \
    "ldr r3, [r9, #16]\n"                \
    "1:\n"                               \
    "ldrd r5, r7, [r9]\n"                \
    "ldr r1, [r9, #8]\n"                 \
    "ldr r11, [r9, #52]\n"               \
    "add r11, r11, r3\n"                 \
    BC_MVE_SWEEP_FOUR("vmladav.s8")      \
    "cmp r7, #0\n"                       \
    "beq 3f\n"                           \
    "2:\n"                               \
    BC_MVE_SWEEP_FOUR("vmladava.s8")     \
    "subs r7, r7, #1\n"                  \
    "bne 2b\n"                           \
    "3:\n"                               \
    "vmov q0[2], q0[0], r0, r4\n"        \
    "vmov q0[3], q0[1], r2, r6\n"        \
    "vmov q1[2], q1[0], r8, r12\n"       \
    "vmov q1[3], q1[1], r10, lr\n"       \
    "mov r4, r9\n"                       \
    "ldr r9, [r4, #12]\n"                \
    "ldrd r0, r2, [r4, #32]\n"           \
    FINISH                               \
    "ldr r6, [r4, #28]\n"                \
    "vldrw.u32 q2, [r4, #72]\n"          \
    "vctp.32 r6\n"                       \
    "ldrd r5, r6, [r4, #48]\n"           \
    "ldrd r1, r7, [r4, #64]\n"           \
    "add r3, r11, r6\n"                  \
    "mov r9, r4\n"                       \
    "vpst\n"                             \
    "vstrbt.32 q0, [r1, q2]\n"           \
    "add r1, r1, r5\n"                   \
    "subs r7, r7, #2\n"                  \
    "blt 4f\n"                           \
    "vpst\n"                             \
    "vstrbt.32 q1, [r1, q2]\n"           \
    "add r1, r1, r5\n"                   \
    "strd r1, r7, [r9, #64]\n"           \
    "bgt 1b\n"                           \
    "4:\n"                               \
    "ldrd r0, r1, [r9, #4]\n"            \
    "add r0, r0, #1\n"                   \
    "add r1, r1, r0, lsl #6\n"           \
    "str r1, [r9, #8]\n"                 \
    "ldrd r0, r1, [r9, #12]\n"           \
    "ldrd r2, r3, [r9, #56]\n"           \
    "add r0, r0, r3\n"                   \
    "add r1, r1, #16\n"                  \
    "strd r0, r1, [r9, #12]\n"           \
    "ldr r0, [r9, #20]\n"                \
    "add r0, r0, r2, lsl #2\n"           \
    "str r0, [r9, #20]\n"                \
    "ldr r0, [r9, #28]\n"                \
    "subs r0, r0, #4\n"                  \
    "str r0, [r9, #28]\n"                \
    "bgt 0b\n"                           \
    "vpop {d8-d15}\n"                    \
    "pop {r4-r11, pc}\n"

BC_MVE_NAKED void bc_mve_sweep_high(BC_MVE_UNUSED bc_mve_sweep *sweep)
{
    __asm__ volatile(BC_MVE_SWEEP_ALL(BC_MVE_HIGH_2));
}

BC_MVE_NAKED void bc_mve_sweep_high_each(BC_MVE_UNUSED bc_mve_sweep *sweep)
{
    __asm__ volatile(BC_MVE_SWEEP_ALL(BC_MVE_HIGH_EACH_2));
}

BC_MVE_NAKED void bc_mve_sweep_twice(BC_MVE_UNUSED bc_mve_sweep *sweep)
{
    __asm__ volatile(BC_MVE_SWEEP_ALL(BC_MVE_TWICE_2));
}

/* The sweep by the mode, a constant: any but BC_MVE_SCALAR. */
static BC_INLINE void bc_mve_sweep_go(bc_mve_sweep *sweep, int32_t mode)
{
    if (mode == BC_MVE_HIGH) {
        bc_mve_sweep_high(sweep);
    } else if (mode == BC_MVE_HIGH_EACH) {
        bc_mve_sweep_high_each(sweep);
    } else {
        bc_mve_sweep_twice(sweep);
    }
}

#endif
