/* SPDX-License-Identifier: 0BSD */
/*
 * transpose for Helium, bytes: rows of y gathered eight at a time. Same call as transpose_s8_c; stride5 <= 9362, so
 * that the offset of the eighth fits 16 bits.
 */
#ifndef BC_TRANSPOSE_S8_MVE_H
#define BC_TRANSPOSE_S8_MVE_H

#include <arm_mve.h>

#include "barecast/transpose.h"

/* `count` bytes, `step` apart in x. */
static BC_INLINE void bc_transpose_s8_mve_row(const uint8_t *x, uint8_t *y, int32_t count, int32_t step)
{
    const uint16x8_t offsets = vmulq_n_u16(vidupq_n_u16(0, 1), (uint16_t)step);
    __asm__ volatile(
        "wlstp.16 lr, %[count], 2f\n"
        "1:\n"
        "vldrb.u16 q0, [%[x], %q[offsets]]\n"
        "vstrb.16 q0, [%[y]], #8\n"
        "add %[x], %[x], %[eight]\n"
        "letp lr, 1b\n"
        "2:\n"
        : [x] "+l"(x), [y] "+l"(y)
        : [count] "r"(count), [offsets] "w"(offsets), [eight] "r"(8 * step)
        : "q0", "lr", "cc", "memory");
}

static BC_KERNEL void bc_transpose_s8_mve(const bc_transpose_params *p, const void *x, void *y)
{
    const uint8_t *in = (const uint8_t *)x;
    uint8_t *out = (uint8_t *)y;
    for (int32_t i0 = 0; i0 < p->extent0; i0++) {
        for (int32_t i1 = 0; i1 < p->extent1; i1++) {
            for (int32_t i2 = 0; i2 < p->extent2; i2++) {
                for (int32_t i3 = 0; i3 < p->extent3; i3++) {
                    const uint8_t *plane = in + i0 * p->stride0 + i1 * p->stride1 + i2 * p->stride2 + i3 * p->stride3;
                    for (int32_t i4 = 0; i4 < p->extent4; i4++) {
                        bc_transpose_s8_mve_row(plane + i4 * p->stride4, out, p->extent5, p->stride5);
                        out += p->extent5;
                    }
                }
            }
        }
    }
}

#endif
