/* SPDX-License-Identifier: 0BSD */
/* Moving bytes with AArch64's vectors: no byte beside the stated ones is read or written. */
#ifndef BC_BYTES_NEON_H
#define BC_BYTES_NEON_H

#include <arm_neon.h>

#include "barecast/bc.h"

/* These loops move few bytes: compilers shall not take them for calls of memset and memcpy. */
#define BC_NEON_OWN_LOOP __asm__ volatile("")

/* count bytes that do not overlap. What is no multiple of 16 or 8 is moved by a second access that ends at the end. */
static BC_INLINE void bc_neon_copy(int8_t *to, const int8_t *from, int32_t count)
{
    int32_t k = 0;
    if (count >= 16) {
        for (; k + 16 <= count; k += 16) {
            BC_NEON_OWN_LOOP;
            vst1q_s8(to + k, vld1q_s8(from + k));
        }
        if (k < count) {
            vst1q_s8(to + count - 16, vld1q_s8(from + count - 16));
        }
    } else if (count >= 8) {
        vst1_s8(to, vld1_s8(from));
        vst1_s8(to + count - 8, vld1_s8(from + count - 8));
    } else {
        for (; k < count; ++k) {
            BC_NEON_OWN_LOOP;
            to[k] = from[k];
        }
    }
}

static BC_INLINE void bc_neon_fill(int8_t *to, int32_t byte, int32_t count)
{
    const int8x16_t value = vdupq_n_s8((int8_t)byte);
    int32_t k = 0;
    for (; k + 16 <= count; k += 16) {
        BC_NEON_OWN_LOOP;
        vst1q_s8(to + k, value);
    }
    for (; k < count; ++k) {
        BC_NEON_OWN_LOOP;
        to[k] = (int8_t)byte;
    }
}

#endif
