/* SPDX-License-Identifier: 0BSD */
/* table for Helium: 16 bytes at a time, gathered by their values. Same call as table_s8_c. */
#ifndef BC_TABLE_S8_MVE_H
#define BC_TABLE_S8_MVE_H

#include <arm_mve.h>

#include "barecast/table.h"

static BC_KERNEL void bc_table_s8_mve(const bc_table_params *p, const void *x, const void *table, void *y)
{
    const uint8_t *in = (const uint8_t *)x;
    uint8_t *out = (uint8_t *)y;
    __asm__ volatile(
        "wlstp.8 lr, %[count], 2f\n"
        "1:\n"
        "vldrb.u8 q0, [%[in]], #16\n"
        "vldrb.u8 q1, [%[table], q0]\n"
        "vstrb.8 q1, [%[out]], #16\n"
        "letp lr, 1b\n"
        "2:\n"
        : [in] "+l"(in), [out] "+l"(out)
        : [count] "r"(p->size), [table] "r"(table)
        : "q0", "q1", "lr", "cc", "memory");
}

#endif
