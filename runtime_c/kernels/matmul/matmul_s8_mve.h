/* SPDX-License-Identifier: 0BSD */
/*
 * matmul for Helium, int8: two rows by four columns at a time by bc_mve_sums. Four columns of b are turned in scratch
 * memory, once for all rows. The sums are those of the stored numbers; what the zero points add is
 *
 *   k * a_zero * b_zero - a_zero * (sum of b's column) - b_zero * (sum of a's row)
 *
 * Shifts as in bc_mve.h, n <= 4096. scratch: 16 * chunks bytes for each of four columns and two rows, and m words, at a
 * multiple of 4.
 */
#ifndef BC_MATMUL_S8_MVE_H
#define BC_MATMUL_S8_MVE_H

#include "barecast/bc_bytes_mve.h"
#include "barecast/bc_mve.h"
#include "barecast/matmul.h"

/* to [count, in whole 16s] = every `step`-th element of from, then zeros; their sum. */
static BC_INLINE int32_t bc_matmul_s8_mve_column(int8_t *to, const int8_t *from, int32_t step, int32_t count)
{
    const uint16x8_t offsets = vmulq_n_u16(vidupq_n_u16(0, 1), (uint16_t)step);
    int32_t sum = 0;
    for (int32_t left = (count + 15) / 16 * 16; left > 0; left -= 8, count -= 8, to += 8, from += 8 * step) {
        const mve_pred16_t some = vctp16q(count > 0 ? (uint32_t)count : 0u);
        const int16x8_t eight = vldrbq_gather_offset_z_s16(from, offsets, some);
        sum = vaddvaq_s16(sum, eight);
        vstrbq_s16(to, eight);
    }
    return sum;
}

/* The sum of `count` bytes. */
static BC_INLINE int32_t bc_matmul_s8_mve_row_sum(const int8_t *from, int32_t count)
{
    int32_t sum = 0;
    for (; count > 0; count -= 16, from += 16) {
        sum = vaddvaq_s8(sum, vldrbq_z_s8(from, vctp8q((uint32_t)count)));
    }
    return sum;
}

/* Four results from sums: the terms of their columns, their row's, and the way out. */
static BC_INLINE void bc_matmul_s8_mve_out(
    const bc_matmul_params *p, const int32_t *sums, int32x4_t columns, int32_t row, int32x4_t mult, int8_t *y,
    mve_pred16_t some)
{
    int32x4_t v = vaddq_n_s32(vaddq_s32(vld1q_s32(sums), columns), row);
    if (p->ties == BC_TIES_TFLITE) {
        v = vqrdmulhq_s32(v, mult);
        if (p->shift > 31) {
            v = vrshlq_n_s32(vaddq_s32(v, vshrq_n_s32(v, 31)), 31 - p->shift);
        }
    } else {
        v = vrshlq_n_s32(vmulhq_s32(v, mult), 32 - p->shift);
    }
    v = vminq_s32(vmaxq_s32(vaddq_n_s32(v, p->y_zero), vdupq_n_s32(p->y_min)), vdupq_n_s32(p->y_max));
    vstrbq_p_s32(y, v, some);
}

/* A row of a in whole chunks: where it lies, unless these reach behind the end of a. */
static BC_INLINE const int8_t *bc_matmul_s8_mve_whole(
    const bc_matmul_params *p, const int8_t *row, const int8_t *end, int8_t *to, int32_t bytes)
{
    if (p->k % 16 == 0 || end - row >= bytes) {
        return row;
    }
    bc_mve_copy(to, row, p->k);
    return to;
}

/* One product of two matrices. end: behind all of a. */
static BC_INLINE void bc_matmul_s8_mve_product(
    const bc_matmul_params *p, const int8_t *a, const int8_t *end, const int8_t *b, const int32_t *mult, int8_t *y,
    void *scratch)
{
    const int32_t chunks = (p->k + 15) / 16, bytes = 16 * chunks;
    int32_t *const rows = (int32_t *)scratch;
    int8_t *const w = (int8_t *)(rows + p->m), *const copies = w + 4 * bytes;
    for (int32_t m = 0; m < p->m && p->b_zero != 0; ++m) {
        rows[m] = -p->b_zero * bc_matmul_s8_mve_row_sum(a + m * p->k, p->k);
    }
    for (int32_t c = 0; c < p->n; c += 4) {
        const int32_t columns = p->n - c < 4 ? p->n - c : 4;
        int32_t terms[4] = {0, 0, 0, 0};
        for (int32_t s = 0; s < columns; ++s) {
            /* [chunks][4][16]: a column's chunks are 64 bytes apart. */
            int32_t sum = 0;
            for (int32_t chunk = 0; chunk < chunks; ++chunk) {
                const int32_t left = p->k - 16 * chunk < 16 ? p->k - 16 * chunk : 16;
                sum += bc_matmul_s8_mve_column(w + 64 * chunk + 16 * s, b + 16 * chunk * p->n + c + s, p->n, left);
            }
            terms[s] = p->a_zero * (p->k * p->b_zero - sum);
        }
        const mve_pred16_t some = vctp32q((uint32_t)columns);
        const int32x4_t column = vld1q_s32(terms);
        const int32x4_t factor = p->per_channel ? vldrwq_z_s32(mult + c, some) : vdupq_n_s32(mult[0]);
        for (int32_t m = 0; m < p->m; m += 2) {
            const int32_t other = m + 1 < p->m ? m + 1 : m;
            const int8_t *const x0 = bc_matmul_s8_mve_whole(p, a + m * p->k, end, copies, bytes);
            const int8_t *const x1 = bc_matmul_s8_mve_whole(p, a + other * p->k, end, copies + bytes, bytes);
            int32_t sums[8];
            bc_mve_sums(x0, x1, w, chunks - 1, sums);
            const int32_t row0 = p->b_zero != 0 ? rows[m] : 0, row1 = p->b_zero != 0 ? rows[other] : 0;
            bc_matmul_s8_mve_out(p, sums, column, row0, factor, y + m * p->n + c, some);
            bc_matmul_s8_mve_out(p, sums + 4, column, row1, factor, y + other * p->n + c, some);
        }
    }
}

static BC_KERNEL void bc_matmul_s8_mve(
    const bc_matmul_params *p, const int8_t *a, const int8_t *b, const int32_t *mult, int8_t *y, void *scratch)
{
    const int8_t *const end = a + (p->batch_0 - 1) * p->a_step_0 + (p->batch_1 - 1) * p->a_step_1
                              + (p->batch_2 - 1) * p->a_step_2 + p->m * p->k;
    for (int32_t h = 0; h < p->batch_0; ++h) {
        for (int32_t i = 0; i < p->batch_1; ++i) {
            for (int32_t j = 0; j < p->batch_2; ++j) {
                bc_matmul_s8_mve_product(p, a + h * p->a_step_0 + i * p->a_step_1 + j * p->a_step_2, end,
                                         b + h * p->b_step_0 + i * p->b_step_1 + j * p->b_step_2, mult, y, scratch);
                y += p->m * p->n;
            }
        }
    }
}

#endif
