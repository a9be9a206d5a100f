/* SPDX-License-Identifier: 0BSD */
/*
 * The inner tiles of float32 matrix products on cores with the single-precision FPU of Cortex-M4, M7 and M33: four
 * pixels by four outputs, and one pixel by eight outputs. Each function exists once in a program and is entered with
 * a convention of its own (bc_fpu_4x4 and bc_fpu_1x8 call them), since tiles take all 32 registers of the FPU.
 *
 * w: tiles of four outputs, sdk/barecast/layouts/fpu.py: [tiles][4 biases, then depth times 4 weights].
 *
 * Each has two forms. The first multiplies and adds, in the order of the depth, and so gives the bits of plain C;
 * VMUL and VADD take a cycle each on the Cortex-M4, where VFMA takes three. A result that the instruction right
 * behind it needs costs one more, so four products come before four sums. The second form (_fused) is for cores whose
 * VFMA takes one cycle, as the Cortex-M7's.
 *
 * In registers: r0 to r3 the pixels' x; r4 w; r5 numbers of x in a row of a window; r6 rows; r8 bytes from the end of
 * a row of x to the start of the next; r9 y; r12 bc_fpu_bounds. 4x4: r11 bytes from one pixel of y to the next.
 * 1x8: r11 the weights of the second tile. r10 counts. Out: r4, behind the weights.
 */
#ifndef BC_TILE_FPU_H
#define BC_TILE_FPU_H

#include <float.h>

#include "barecast/bc.h"

/* which: 1 if results have the lower bound, and 2 if they have the upper one. NaN passes both. */
typedef struct {
    float low, high;
    int32_t which;
} bc_fpu_bounds;

static BC_INLINE bc_fpu_bounds bc_fpu_bounds_of(float low, float high)
{
    const bc_fpu_bounds bounds = {low, high, (low > -FLT_MAX ? 1 : 0) + (high < FLT_MAX ? 2 : 0)};
    return bounds;
}

/* s(a) .. s(a + 3) += x times w0 .. w3; s28 to s31 are lost. */
#define BC_FPU_TWO_STEPS(x, w0, w1, w2, w3, a0, a1, a2, a3) \
    "vmul.f32 s28, " x ", " w0 "\n\t" \
    "vmul.f32 s29, " x ", " w1 "\n\t" \
    "vmul.f32 s30, " x ", " w2 "\n\t" \
    "vmul.f32 s31, " x ", " w3 "\n\t" \
    "vadd.f32 " a0 ", " a0 ", s28\n\t" \
    "vadd.f32 " a1 ", " a1 ", s29\n\t" \
    "vadd.f32 " a2 ", " a2 ", s30\n\t" \
    "vadd.f32 " a3 ", " a3 ", s31\n\t"

#define BC_FPU_FUSED(x, w0, w1, w2, w3, a0, a1, a2, a3) \
    "vfma.f32 " a0 ", " x ", " w0 "\n\t" \
    "vfma.f32 " a1 ", " x ", " w1 "\n\t" \
    "vfma.f32 " a2 ", " x ", " w2 "\n\t" \
    "vfma.f32 " a3 ", " x ", " w3 "\n\t"

/* One number of each of four pixels. */
#define BC_FPU_FOUR_PIXELS(MAC, x0, x1, x2, x3) \
    MAC(x0, "s16", "s17", "s18", "s19", "s0", "s1", "s2", "s3") \
    MAC(x1, "s16", "s17", "s18", "s19", "s4", "s5", "s6", "s7") \
    MAC(x2, "s16", "s17", "s18", "s19", "s8", "s9", "s10", "s11") \
    MAC(x3, "s16", "s17", "s18", "s19", "s12", "s13", "s14", "s15")

/* Two numbers of each of four pixels. */
#define BC_FPU_4X4_PAIR(MAC) \
    "vldmia r4!, {s16-s19}\n\t" \
    "vldmia r0!, {s20-s21}\n\t" \
    "vldmia r1!, {s22-s23}\n\t" \
    "vldmia r2!, {s24-s25}\n\t" \
    "vldmia r3!, {s26-s27}\n\t" \
    BC_FPU_FOUR_PIXELS(MAC, "s20", "s22", "s24", "s26") \
    "vldmia r4!, {s16-s19}\n\t" \
    BC_FPU_FOUR_PIXELS(MAC, "s21", "s23", "s25", "s27")

#define BC_FPU_4X4_ONE(MAC) \
    "vldmia r4!, {s16-s19}\n\t" \
    "vldmia r0!, {s20}\n\t" \
    "vldmia r1!, {s22}\n\t" \
    "vldmia r2!, {s24}\n\t" \
    "vldmia r3!, {s26}\n\t" \
    BC_FPU_FOUR_PIXELS(MAC, "s20", "s22", "s24", "s26")

/* A bound on a sum. */
#define BC_FPU_LOW(a, bound) \
    "vcmp.f32 " a ", " bound "\n\t" \
    "vmrs APSR_nzcv, fpscr\n\t" \
    "it mi\n\t" \
    "vmovmi.f32 " a ", " bound "\n\t"
#define BC_FPU_HIGH(a, bound) \
    "vcmp.f32 " a ", " bound "\n\t" \
    "vmrs APSR_nzcv, fpscr\n\t" \
    "it gt\n\t" \
    "vmovgt.f32 " a ", " bound "\n\t"
#define BC_FPU_EIGHT(BOUND, bound) \
    BOUND("s0", bound) BOUND("s1", bound) BOUND("s2", bound) BOUND("s3", bound) \
    BOUND("s4", bound) BOUND("s5", bound) BOUND("s6", bound) BOUND("s7", bound)
#define BC_FPU_SIXTEEN(BOUND, bound) \
    BC_FPU_EIGHT(BOUND, bound) \
    BOUND("s8", bound) BOUND("s9", bound) BOUND("s10", bound) BOUND("s11", bound) \
    BOUND("s12", bound) BOUND("s13", bound) BOUND("s14", bound) BOUND("s15", bound)

/* What is done to all sums before they are stored. */
#define BC_FPU_CLAMP(ALL) \
    "ldr.w r10, [r12, #8]\n\t" \
    "vldmia r12, {s16-s17}\n\t" \
    "tst.w r10, #1\n\t" \
    "beq.w 7f\n\t" \
    ALL(BC_FPU_LOW, "s16") \
    "7:\n\t" \
    "tst.w r10, #2\n\t" \
    "beq.w 8f\n\t" \
    ALL(BC_FPU_HIGH, "s17") \
    "8:\n\t"

/* The loop is written out twice; with an odd number of turns it is entered in its middle. Three pieces,
 * since C99 promises no strings of more than 4095 bytes; in a naked function nothing comes between two statements. */
#define BC_FPU_4X4_BEGIN(MAC) \
    ".syntax unified\n\t" \
    "vldmia r4!, {s0-s3}\n\t" \
    "vmov.f32 s4, s0\n\t" \
    "vmov.f32 s5, s1\n\t" \
    "vmov.f32 s6, s2\n\t" \
    "vmov.f32 s7, s3\n\t" \
    "vmov.f32 s8, s0\n\t" \
    "vmov.f32 s9, s1\n\t" \
    "vmov.f32 s10, s2\n\t" \
    "vmov.f32 s11, s3\n\t" \
    "vmov.f32 s12, s0\n\t" \
    "vmov.f32 s13, s1\n\t" \
    "vmov.f32 s14, s2\n\t" \
    "vmov.f32 s15, s3\n\t" \
    "1:\n\t" \
    "lsrs.w r10, r5, #1\n\t" \
    "beq.w 4f\n\t" \
    "add.w r10, r10, #1\n\t" \
    "lsrs.w r10, r10, #1\n\t" \
    "bcc.w 3f\n" \
    "2:\n\t" \
    BC_FPU_4X4_PAIR(MAC)
#define BC_FPU_4X4_LOOP(MAC) \
    ".syntax unified\n" \
    "3:\n\t" \
    BC_FPU_4X4_PAIR(MAC) \
    "subs.w r10, r10, #1\n\t" \
    "bne.w 2b\n" \
    "4:\n\t" \
    "tst.w r5, #1\n\t" \
    "beq.w 5f\n\t" \
    BC_FPU_4X4_ONE(MAC) \
    "5:\n\t" \
    "subs.w r6, r6, #1\n\t" \
    "beq.w 6f\n\t" \
    "add.w r0, r0, r8\n\t" \
    "add.w r1, r1, r8\n\t" \
    "add.w r2, r2, r8\n\t" \
    "add.w r3, r3, r8\n\t" \
    "b.w 1b\n\t"
#define BC_FPU_4X4_END \
    ".syntax unified\n" \
    "6:\n\t" \
    BC_FPU_CLAMP(BC_FPU_SIXTEEN) \
    "vstmia r9, {s0-s3}\n\t" \
    "add.w r9, r9, r11\n\t" \
    "vstmia r9, {s4-s7}\n\t" \
    "add.w r9, r9, r11\n\t" \
    "vstmia r9, {s8-s11}\n\t" \
    "add.w r9, r9, r11\n\t" \
    "vstmia r9, {s12-s15}\n\t" \
    "bx lr\n\t"

/* Numbers of one pixel, by the tiles' weights for them. */
#define BC_FPU_1X8_PAIR(MAC, x0, x1) \
    "vldmia r4!, {s12-s19}\n\t" \
    "vldmia r11!, {s20-s27}\n\t" \
    MAC(x0, "s12", "s13", "s14", "s15", "s0", "s1", "s2", "s3") \
    MAC(x0, "s20", "s21", "s22", "s23", "s4", "s5", "s6", "s7") \
    MAC(x1, "s16", "s17", "s18", "s19", "s0", "s1", "s2", "s3") \
    MAC(x1, "s24", "s25", "s26", "s27", "s4", "s5", "s6", "s7")

#define BC_FPU_1X8(MAC) \
    ".syntax unified\n\t" \
    "vldmia r4!, {s0-s3}\n\t" \
    "vldmia r11!, {s4-s7}\n" \
    "1:\n\t" \
    "lsrs.w r10, r5, #2\n\t" \
    "beq.w 3f\n" \
    "2:\n\t" \
    "vldmia r0!, {s8-s11}\n\t" \
    BC_FPU_1X8_PAIR(MAC, "s8", "s9") \
    BC_FPU_1X8_PAIR(MAC, "s10", "s11") \
    "subs.w r10, r10, #1\n\t" \
    "bne.w 2b\n" \
    "3:\n\t" \
    "ands.w r10, r5, #3\n\t" \
    "beq.w 5f\n" \
    "4:\n\t" \
    "vldmia r0!, {s8}\n\t" \
    "vldmia r4!, {s12-s15}\n\t" \
    "vldmia r11!, {s20-s23}\n\t" \
    MAC("s8", "s12", "s13", "s14", "s15", "s0", "s1", "s2", "s3") \
    MAC("s8", "s20", "s21", "s22", "s23", "s4", "s5", "s6", "s7") \
    "subs.w r10, r10, #1\n\t" \
    "bne.w 4b\n" \
    "5:\n\t" \
    "add.w r0, r0, r8\n\t" \
    "subs.w r6, r6, #1\n\t" \
    "bne.w 1b\n\t" \
    BC_FPU_CLAMP(BC_FPU_EIGHT) \
    "vstmia r9, {s0-s7}\n\t" \
    "bx lr\n\t"

/* One copy for all steps. */
#define BC_FPU_SHARED static __attribute__((unused)) BC_STEP

static BC_NAKED void bc_tile_fpu_4x4(void)
{
    __asm__ volatile(BC_FPU_4X4_BEGIN(BC_FPU_TWO_STEPS));
    __asm__ volatile(BC_FPU_4X4_LOOP(BC_FPU_TWO_STEPS));
    __asm__ volatile(BC_FPU_4X4_END);
}

static BC_NAKED void bc_tile_fpu_4x4_fused(void)
{
    __asm__ volatile(BC_FPU_4X4_BEGIN(BC_FPU_FUSED));
    __asm__ volatile(BC_FPU_4X4_LOOP(BC_FPU_FUSED));
    __asm__ volatile(BC_FPU_4X4_END);
}

static BC_NAKED void bc_tile_fpu_1x8(void)
{
    __asm__ volatile(BC_FPU_1X8(BC_FPU_TWO_STEPS));
}

static BC_NAKED void bc_tile_fpu_1x8_fused(void)
{
    __asm__ volatile(BC_FPU_1X8(BC_FPU_FUSED));
}

/* A window in memory: rows >= 1 of n >= 1 numbers, with `gap` other numbers between two rows. */
typedef struct {
    int32_t n, rows, gap;
} bc_fpu_window;

#define BC_FPU_ALL_REGISTERS \
    "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "s12", "s13", "s14", "s15", "s16", \
        "s17", "s18", "s19", "s20", "s21", "s22", "s23", "s24", "s25", "s26", "s27", "s28", "s29", "s30", "s31"

/* One of the functions above. Called by address, so that a program has those only that its kernels name. */
typedef void (*bc_fpu_tile)(void);

/* Four outputs of four pixels, whose windows begin at x[0 .. 4), to y, where pixels are y_step numbers apart. */
static BC_INLINE void bc_fpu_4x4(
    bc_fpu_tile tile, const bc_fpu_window *window, const bc_fpu_bounds *bounds, const float *const x[4], const float *w,
    float *y, int32_t y_step)
{
    register const float *r0 __asm__("r0") = x[0];
    register const float *r1 __asm__("r1") = x[1];
    register const float *r2 __asm__("r2") = x[2];
    register const float *r3 __asm__("r3") = x[3];
    register const float *r4 __asm__("r4") = w;
    register int32_t r5 __asm__("r5") = window->n;
    register int32_t r6 __asm__("r6") = window->rows;
    register int32_t r8 __asm__("r8") = 4 * window->gap;
    register float *r9 __asm__("r9") = y;
    register bc_fpu_tile r10 __asm__("r10") = tile;
    register int32_t r11 __asm__("r11") = 4 * y_step;
    register const bc_fpu_bounds *r12 __asm__("r12") = bounds;
    __asm__ volatile("blx %[tile]"
                     : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3), "+r"(r4), "+r"(r6), "+r"(r9), [tile] "+r"(r10)
                     : "r"(r5), "r"(r8), "r"(r11), "r"(r12)
                     : "lr", "cc", "memory", BC_FPU_ALL_REGISTERS);
}

/* Eight outputs of the pixel whose window begins at x, by the tiles at w and more, to y. */
static BC_INLINE void bc_fpu_1x8(
    bc_fpu_tile tile, const bc_fpu_window *window, const bc_fpu_bounds *bounds, const float *x, const float *w,
    const float *more, float *y)
{
    register const float *r0 __asm__("r0") = x;
    register const float *r4 __asm__("r4") = w;
    register int32_t r5 __asm__("r5") = window->n;
    register int32_t r6 __asm__("r6") = window->rows;
    register int32_t r8 __asm__("r8") = 4 * window->gap;
    register float *r9 __asm__("r9") = y;
    register bc_fpu_tile r10 __asm__("r10") = tile;
    register const float *r11 __asm__("r11") = more;
    register const bc_fpu_bounds *r12 __asm__("r12") = bounds;
    __asm__ volatile("blx %[tile]"
                     : "+r"(r0), "+r"(r4), "+r"(r6), [tile] "+r"(r10), "+r"(r11)
                     : "r"(r5), "r"(r8), "r"(r9), "r"(r12)
                     : "lr", "cc", "memory", BC_FPU_ALL_REGISTERS);
}

#endif
