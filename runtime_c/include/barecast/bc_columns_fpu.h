/* SPDX-License-Identifier: 0BSD */
/*
 * Sums and maxima of float32 windows, eight channels side by side, on the FPU of Cortex-M: VLDM loads eight words in
 * nine cycles where VLDR takes sixteen. In plain C's order, with its bits.
 */
#ifndef BC_COLUMNS_FPU_H
#define BC_COLUMNS_FPU_H

#include "barecast/bc.h"

/* acc[0 .. 8) = begin, with the eights at x of `rows` times `columns` taps, `step` and then `row_step` apart. */
#define BC_FPU_COLUMNS(NAME, EIGHT) \
    static BC_INLINE void NAME( \
        float acc[8], const float *begin, const float *x, int32_t rows, int32_t columns, int32_t row_step, \
        int32_t step) \
    { \
        int32_t left; \
        __asm__ volatile(".syntax unified\n\t" \
                         "vldmia %[begin], {s0-s7}\n" \
                         "1:\n\t" \
                         "mov %[left], %[columns]\n" \
                         "2:\n\t" \
                         "vldmia %[x], {s8-s15}\n\t" \
                         "add %[x], %[x], %[step]\n\t" EIGHT "subs %[left], #1\n\t" \
                         "bne 2b\n\t" \
                         "add %[x], %[x], %[skip]\n\t" \
                         "subs %[rows], #1\n\t" \
                         "bne 1b\n\t" \
                         "vstmia %[acc], {s0-s7}\n\t" \
                         : [x] "+&l"(x), [rows] "+&l"(rows), [left] "=&l"(left) \
                         : [acc] "r"(acc), [begin] "r"(begin), [columns] "r"(columns), [step] "r"(4 * step), \
                           [skip] "r"(4 * (row_step - columns * step)) \
                         : "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "s12", "s13", \
                           "s14", "s15", "cc", "memory"); \
    }

#define BC_FPU_SUM(a, x) "vadd.f32 " a ", " a ", " x "\n\t"
/* NaN is never greater. */
#define BC_FPU_LARGER(a, x) \
    "vcmp.f32 " x ", " a "\n\t" \
    "vmrs APSR_nzcv, fpscr\n\t" \
    "it gt\n\t" \
    "vmovgt.f32 " a ", " x "\n\t"
#define BC_FPU_EACH(OP) \
    OP("s0", "s8") OP("s1", "s9") OP("s2", "s10") OP("s3", "s11") \
    OP("s4", "s12") OP("s5", "s13") OP("s6", "s14") OP("s7", "s15")

BC_FPU_COLUMNS(bc_fpu_column_sums, BC_FPU_EACH(BC_FPU_SUM))
BC_FPU_COLUMNS(bc_fpu_column_maxima, BC_FPU_EACH(BC_FPU_LARGER))

static const float bc_fpu_zeros[8] = {0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f};

#endif
