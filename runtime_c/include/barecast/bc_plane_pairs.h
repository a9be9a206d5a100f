/* SPDX-License-Identifier: 0BSD */
/*
 * Depthwise 3x3 convolution by pairs of pixels (bc_pairs.h): one channel at a time is copied to scratch memory as a
 * plane of words, padding included, with the upper half of the image in their low halves and the lower half in their
 * high ones:
 *
 *     plane[r][c] = row r + 2**16 * row (r + half * stride_h), from the padding's top left corner on
 *
 * where the outputs' upper half has `half` rows. So one walk over the plane makes the outputs of both, and every
 * number of x is copied once but for those between the halves.
 *
 * The products of a row of the window make one block, where the filter's rows have magnitudes of at most 255 in sum;
 * else its first two are one block and the third is another one. With BC_PAIRS_BIAS in each block the high pixel's sum
 * is block >> 16, and the low one's follows from the sum of all.
 */
#ifndef BC_PLANE_PAIRS_H
#define BC_PLANE_PAIRS_H

#include "barecast/bc_pairs.h"
#include "barecast/dwconv2d.h"

/*
 * How the sums of a row of outputs are made. all, high: what they begin with: bias * 65537 less the blocks' biases, and
 * bias. Steps are in bytes from behind the three words read last: to the next row of the window, and from the last row
 * of one window to the first one of the next window. end: of the sums.
 */
typedef struct {
    uint32_t all, high;
    int32_t column_step;
    const int32_t *end;
    int32_t row_step;
} bc_plane_pairs_walk;

#if defined(BC_ASSEMBLY_THUMB1)
/*
 * r0 x, r1 w, r2 sums, r3 walk. In the loop: r2 to r4 words of x, r5 to r7 weights, r8 all, r9 high, r10 and r11 what
 * they begin with, r12 BC_PAIRS_BIAS, lr row_step; on the stack sums, column_step, end.
 */
#define BC_PLANE_ENTRY \
    ".syntax unified\n\t" \
    "push {r4, r5, r6, r7, lr}\n\t" \
    "mov r4, r8\n\t" \
    "mov r5, r9\n\t" \
    "mov r6, r10\n\t" \
    "mov r7, r11\n\t" \
    "push {r4, r5, r6, r7}\n\t" \
    "ldmia r3!, {r4, r5, r6, r7}\n\t" \
    "ldr r3, [r3]\n\t" \
    "mov lr, r3\n\t" \
    "mov r10, r4\n\t" \
    "mov r11, r5\n\t" \
    "push {r2, r6, r7}\n\t" \
    "movs r4, #1\n\t" \
    "lsls r4, r4, #15\n\t" \
    "subs r4, r4, #1\n\t" \
    "mov r12, r4\n" \
    "1:\n\t" \
    "mov r8, r10\n\t" \
    "mov r9, r11\n\t"
#define BC_PLANE_LOAD \
    "ldmia r1!, {r5, r6, r7}\n\t" \
    "ldmia r0!, {r2, r3, r4}\n\t" \
    "muls r2, r5, r2\n\t" \
    "muls r3, r6, r3\n\t" \
    "muls r4, r7, r4\n\t" \
    "adds r2, r2, r3\n\t"
#define BC_PLANE_BLOCK(block) \
    "add " block ", r12\n\t" \
    "add r8, " block "\n\t" \
    "asrs " block ", " block ", #16\n\t" \
    "add r9, " block "\n\t"
#define BC_PLANE_ROW BC_PLANE_LOAD "adds r2, r2, r4\n\t" BC_PLANE_BLOCK("r2")
#define BC_PLANE_ROW_SPLIT BC_PLANE_LOAD BC_PLANE_BLOCK("r2") BC_PLANE_BLOCK("r4")
#define BC_PLANE_NEXT "add r0, lr\n\t"
#define BC_PLANE_EXIT \
    "subs r1, r1, #36\n\t" \
    "mov r2, r8\n\t" \
    "mov r3, r9\n\t" \
    "lsls r4, r3, #16\n\t" \
    "subs r2, r2, r4\n\t" \
    "ldr r4, [sp]\n\t" \
    "stmia r4!, {r2, r3}\n\t" \
    "str r4, [sp]\n\t" \
    "ldr r5, [sp, #4]\n\t" \
    "adds r0, r0, r5\n\t" \
    "ldr r5, [sp, #8]\n\t" \
    "cmp r4, r5\n\t" \
    "bne 1b\n\t" \
    "add sp, #12\n\t" \
    "pop {r4, r5, r6, r7}\n\t" \
    "mov r8, r4\n\t" \
    "mov r9, r5\n\t" \
    "mov r10, r6\n\t" \
    "mov r11, r7\n\t" \
    "pop {r4, r5, r6, r7, pc}\n\t"
#elif defined(BC_ASSEMBLY_THUMB2)
/* r0 x, r1 w, r2 sums, r3 walk. In the loop: r4 all, r5 high, r6 row_step, r7 to r9 w, r10 to r12 x, lr the bias. */
#define BC_PLANE_ENTRY \
    ".syntax unified\n\t" \
    "push {r4, r5, r6, r7, r8, r9, r10, r11, lr}\n\t" \
    "ldr r6, [r3, #16]\n\t" \
    "movw lr, #32767\n" \
    "1:\n\t" \
    "ldrd r4, r5, [r3]\n\t"
#define BC_PLANE_LOAD \
    "ldmia r1!, {r7, r8, r9}\n\t" \
    "ldmia r0!, {r10, r11, r12}\n\t" \
    "mla r10, r10, r7, lr\n\t" \
    "mla r10, r11, r8, r10\n\t"
#define BC_PLANE_BLOCK(block) \
    "add r4, r4, " block "\n\t" \
    "add r5, r5, " block ", asr #16\n\t"
#define BC_PLANE_ROW BC_PLANE_LOAD "mla r10, r12, r9, r10\n\t" BC_PLANE_BLOCK("r10")
#define BC_PLANE_ROW_SPLIT BC_PLANE_LOAD "mla r12, r12, r9, lr\n\t" BC_PLANE_BLOCK("r10") BC_PLANE_BLOCK("r12")
#define BC_PLANE_NEXT "add r0, r0, r6\n\t"
#define BC_PLANE_EXIT \
    "sub r1, r1, #36\n\t" \
    "sub r4, r4, r5, lsl #16\n\t" \
    "strd r4, r5, [r2], #8\n\t" \
    "ldrd r7, r8, [r3, #8]\n\t" \
    "add r0, r0, r7\n\t" \
    "cmp r2, r8\n\t" \
    "bne 1b\n\t" \
    "pop {r4, r5, r6, r7, r8, r9, r10, r11, pc}\n\t"
#endif

/*
 * The sums of a row of outputs, of the upper and the lower half by turns: bias + the products of the filter's nine
 * weights with the windows, the first of which begins at x. The second function is for filters of larger rows.
 */
#if defined(BC_ASSEMBLY_THUMB1) || defined(BC_ASSEMBLY_THUMB2)
#define BC_PLANE_ARGUMENTS \
    const uint32_t *x BC_PAIRS_UNUSED, const int32_t *w BC_PAIRS_UNUSED, int32_t *sums BC_PAIRS_UNUSED, \
        const bc_plane_pairs_walk *walk BC_PAIRS_UNUSED

static BC_NAKED void bc_plane_pairs_row(BC_PLANE_ARGUMENTS)
{
    __asm__(BC_PLANE_ENTRY BC_PLANE_ROW BC_PLANE_NEXT BC_PLANE_ROW BC_PLANE_NEXT BC_PLANE_ROW BC_PLANE_EXIT);
}

static BC_NAKED void bc_plane_pairs_row_split(BC_PLANE_ARGUMENTS)
{
    __asm__(BC_PLANE_ENTRY BC_PLANE_ROW_SPLIT BC_PLANE_NEXT BC_PLANE_ROW_SPLIT BC_PLANE_NEXT BC_PLANE_ROW_SPLIT
                BC_PLANE_EXIT);
}
#else
static BC_INLINE void bc_plane_pairs_add(bc_plane_pairs_walk *sum, uint32_t block)
{
    block += BC_PAIRS_BIAS;
    sum->all += block;
    sum->high += (uint32_t)((int32_t)block >> 16);
}

static BC_INLINE void bc_plane_pairs_walk_row(
    const uint32_t *x, const int32_t *w, int32_t *sums, const bc_plane_pairs_walk *walk, int32_t split)
{
    for (; sums != walk->end; sums += 2) {
        bc_plane_pairs_walk sum = *walk;
        for (int32_t r = 0; r < 3; ++r) {
            const uint32_t first = x[0] * (uint32_t)w[3 * r] + x[1] * (uint32_t)w[3 * r + 1];
            const uint32_t last = x[2] * (uint32_t)w[3 * r + 2];
            if (split) {
                bc_plane_pairs_add(&sum, first);
                bc_plane_pairs_add(&sum, last);
            } else {
                bc_plane_pairs_add(&sum, first + last);
            }
            x += 3 + (r < 2 ? walk->row_step : walk->column_step) / 4;
        }
        sums[0] = (int32_t)(sum.all - (sum.high << 16));
        sums[1] = (int32_t)sum.high;
    }
}

static BC_INLINE void bc_plane_pairs_row(
    const uint32_t *x, const int32_t *w, int32_t *sums, const bc_plane_pairs_walk *walk)
{
    bc_plane_pairs_walk_row(x, w, sums, walk, 0);
}

static BC_INLINE void bc_plane_pairs_row_split(
    const uint32_t *x, const int32_t *w, int32_t *sums, const bc_plane_pairs_walk *walk)
{
    bc_plane_pairs_walk_row(x, w, sums, walk, 1);
}
#endif

/* Rows of outputs in the upper half; rows and columns of the plane. */
static BC_INLINE int32_t bc_plane_pairs_half(const bc_dwconv2d_params *p)
{
    return (p->out_h + 1) / 2;
}

static BC_INLINE int32_t bc_plane_pairs_height(const bc_dwconv2d_params *p)
{
    return (bc_plane_pairs_half(p) - 1) * p->stride_h + 3;
}

static BC_INLINE int32_t bc_plane_pairs_width(const bc_dwconv2d_params *p)
{
    return (p->out_w - 1) * p->stride_w + 3;
}

/* Fills the plane with x_zero: once, for the words that no channel writes. */
static BC_INLINE void bc_plane_pairs_clear(const bc_dwconv2d_params *p, uint32_t *plane)
{
    const int32_t words = bc_plane_pairs_height(p) * bc_plane_pairs_width(p);
    for (int32_t i = 0; i < words; ++i) {
        plane[i] = (uint32_t)p->x_zero + ((uint32_t)p->x_zero << 16);
    }
}

/* The words of one channel that have any of x in them; x is its first number. */
static BC_INLINE void bc_plane_pairs_fill(const bc_dwconv2d_params *p, uint32_t *plane, const int8_t *x)
{
    const int32_t height = bc_plane_pairs_height(p), width = bc_plane_pairs_width(p);
    const int32_t apart = bc_plane_pairs_half(p) * p->stride_h, row_size = p->in_w * p->in_c;
    const int32_t columns = p->in_w < width - p->pad_left ? p->in_w : width - p->pad_left;
    for (int32_t r = 0; r < height; ++r) {
        const int32_t upper = r - p->pad_top, lower = upper + apart;
        const int8_t *low = upper >= 0 && upper < p->in_h ? x + upper * row_size : (const int8_t *)0;
        const int8_t *high = lower >= 0 && lower < p->in_h ? x + lower * row_size : (const int8_t *)0;
        uint32_t *to = plane + r * width + p->pad_left;
        if (low && high) {
            for (int32_t j = 0; j < columns; ++j) {
                to[j] = (uint32_t)low[j * p->in_c] + ((uint32_t)high[j * p->in_c] << 16);
            }
        } else if (low) {
            for (int32_t j = 0; j < columns; ++j) {
                to[j] = (uint32_t)low[j * p->in_c] + ((uint32_t)p->x_zero << 16);
            }
        } else if (high) {
            for (int32_t j = 0; j < columns; ++j) {
                to[j] = (uint32_t)p->x_zero + ((uint32_t)high[j * p->in_c] << 16);
            }
        }
    }
}

#endif
