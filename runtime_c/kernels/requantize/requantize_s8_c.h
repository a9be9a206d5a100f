/* SPDX-License-Identifier: 0BSD */
#ifndef BC_REQUANTIZE_S8_C_H
#define BC_REQUANTIZE_S8_C_H

#include "barecast/requantize.h"

static BC_KERNEL void bc_requantize_s8_c(const bc_requantize_params *p, const void *x, void *y)
{
    const uint8_t *in = (const uint8_t *)x;
    uint8_t *out = (uint8_t *)y;
    for (int32_t i = 0; i < p->size; i++) {
        out[i] = (uint8_t)(in[i] ^ 0x80u);
    }
}

#endif
