/* SPDX-License-Identifier: 0BSD */
/* Moving and adding bytes with Helium, in low-overhead loops. */
#ifndef BC_BYTES_MVE_H
#define BC_BYTES_MVE_H

#include <arm_mve.h>

#include "barecast/bc.h"

/* count bytes; none beside them is read or written. */
static BC_INLINE void bc_mve_copy(int8_t *to, const int8_t *from, int32_t count)
{
    __asm__ volatile(
        "wlstp.8 lr, %[n], 2f\n"
        "1: vldrb.8 q0, [%[from]], #16\n"
        "vstrb.8 q0, [%[to]], #16\n"
        "letp lr, 1b\n"
        "2:\n"
        : [to] "+r"(to), [from] "+r"(from)
        : [n] "r"(count)
        : "q0", "lr", "cc", "memory");
}

static BC_INLINE void bc_mve_fill(int8_t *to, int32_t byte, int32_t count)
{
    __asm__ volatile(
        "vdup.8 q0, %[byte]\n"
        "wlstp.8 lr, %[n], 2f\n"
        "1: vstrb.8 q0, [%[to]], #16\n"
        "letp lr, 1b\n"
        "2:\n"
        : [to] "+r"(to)
        : [byte] "r"(byte), [n] "r"(count)
        : "q0", "lr", "cc", "memory");
}

/* `rows` rows of count <= 16 bytes, `step` bytes apart, one behind the other; none beside them is read or written. */
static BC_INLINE void bc_mve_copy_rows(int8_t *to, const int8_t *from, int32_t count, int32_t step, int32_t rows)
{
    __asm__ volatile(
        "vctp.8 %[count]\n"
        "dls lr, %[rows]\n"
        "1:\n"
        "vpstt\n"
        "vldrbt.8 q0, [%[from]]\n"
        "vstrbt.8 q0, [%[to]]\n"
        "add %[from], %[from], %[step]\n"
        "add %[to], %[to], %[count]\n"
        "le lr, 1b\n"
        : [to] "+l"(to), [from] "+l"(from)
        : [count] "r"(count), [step] "r"(step), [rows] "r"(rows)
        : "q0", "lr", "cc", "memory");
}

/* `rows` rows of 32, 48 or 64 bytes, `step` bytes apart, one behind the other. */
#define BC_MVE_COPY_ROWS(BYTES, LOADS, STORES)                               \
    static BC_INLINE void bc_mve_copy_rows_##BYTES(                          \
        int8_t *to, const int8_t *from, int32_t step, int32_t rows)          \
    {                                                                        \
        __asm__ volatile(                                                    \
            "dls lr, %[rows]\n"                                              \
            "1:\n" LOADS "add %[from], %[from], %[step]\n" STORES            \
            "le lr, 1b\n"                                                    \
            : [to] "+l"(to), [from] "+l"(from)                               \
            : [step] "r"(step), [rows] "r"(rows)                             \
            : "q0", "q1", "q2", "q3", "lr", "cc", "memory");                 \
    }

#define BC_MVE_LOAD_32 "vldrb.8 q0, [%[from]]\nvldrb.8 q1, [%[from], #16]\n"
#define BC_MVE_LOAD_48 BC_MVE_LOAD_32 "vldrb.8 q2, [%[from], #32]\n"
#define BC_MVE_LOAD_64 BC_MVE_LOAD_48 "vldrb.8 q3, [%[from], #48]\n"
#define BC_MVE_STORE_32 "vstrb.8 q0, [%[to]], #16\nvstrb.8 q1, [%[to]], #16\n"
#define BC_MVE_STORE_48 BC_MVE_STORE_32 "vstrb.8 q2, [%[to]], #16\n"
#define BC_MVE_STORE_64 BC_MVE_STORE_48 "vstrb.8 q3, [%[to]], #16\n"
BC_MVE_COPY_ROWS(32, BC_MVE_LOAD_32, BC_MVE_STORE_32)
BC_MVE_COPY_ROWS(48, BC_MVE_LOAD_48, BC_MVE_STORE_48)
BC_MVE_COPY_ROWS(64, BC_MVE_LOAD_64, BC_MVE_STORE_64)

/* even[k], odd[k] += the columns 2 * k, 2 * k + 1 of count > 0 rows of x; those from `columns` <= 16 on stay. */
static BC_INLINE void bc_mve_add_columns(
    int16x8_t *even, int16x8_t *odd, const int8_t *x, int32_t columns, int32_t count, int32_t step)
{
    __asm__ volatile(
        "vctp.8 %[columns]\n"
        "dls lr, %[count]\n"
        "1:\n"
        "vpst\n"
        "vldrbt.8 q0, [%[x]]\n"
        "add %[x], %[x], %[step]\n"
        "vmovlb.s8 q1, q0\n"
        "vadd.i16 %q[even], %q[even], q1\n"
        "vmovlt.s8 q1, q0\n"
        "vadd.i16 %q[odd], %q[odd], q1\n"
        "le lr, 1b\n"
        : [x] "+l"(x), [even] "+w"(*even), [odd] "+w"(*odd)
        : [columns] "r"(columns), [count] "r"(count), [step] "r"(step)
        : "q0", "q1", "lr", "cc", "memory");
}

/* sums[k] = x[k] + x[step + k] + ...: count > 0 rows, columns <= 16 of them; those beyond are 0. Modulo 2**16. */
static BC_INLINE void bc_mve_column_sums(
    int16_t sums[16], const int8_t *x, int32_t columns, int32_t count, int32_t step)
{
    __asm__ volatile(
        "vmov.i32 q1, #0\n"
        "vmov.i32 q2, #0\n"
        "vctp.8 %[columns]\n"
        "dls lr, %[count]\n"
        "1:\n"
        "vpst\n"
        "vldrbt.8 q0, [%[x]]\n"
        "add %[x], %[x], %[step]\n"
        "vmovlb.s8 q3, q0\n"
        "vadd.i16 q1, q1, q3\n"
        "vmovlt.s8 q3, q0\n"
        "vadd.i16 q2, q2, q3\n"
        "le lr, 1b\n"
        "vst20.16 {q1, q2}, [%[sums]]\n"
        "vst21.16 {q1, q2}, [%[sums]]\n"
        : [x] "+l"(x)
        : [sums] "r"(sums), [columns] "r"(columns), [count] "r"(count), [step] "r"(step)
        : "q0", "q1", "q2", "q3", "lr", "cc", "memory");
}

/* sums[k] += x[k] + x[step + k] + ...: count rows, columns <= 16 of them; those beyond stay. */
static BC_INLINE void bc_mve_add_column_sums(
    int32_t sums[16], const int8_t *x, int32_t columns, int32_t count, int32_t step)
{
    for (; count > 0; count -= 255, x += 255 * step) {
        int16_t some[16];
        bc_mve_column_sums(some, x, columns, count < 255 ? count : 255, step);
        for (int32_t k = 0; k < 16; k += 4) {
            vst1q_s32(sums + k, vaddq_s32(vld1q_s32(sums + k), vldrhq_s32(some + k)));
        }
    }
}

/* The same with sums that start at 0. */
static BC_INLINE void bc_mve_long_column_sums(
    int32_t sums[16], const int8_t *x, int32_t columns, int32_t count, int32_t step)
{
    for (int32_t k = 0; k < 16; k += 4) {
        vst1q_s32(sums + k, vdupq_n_s32(0));
    }
    bc_mve_add_column_sums(sums, x, columns, count, step);
}

#endif
