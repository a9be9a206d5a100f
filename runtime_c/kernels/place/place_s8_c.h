/* SPDX-License-Identifier: 0BSD */
#ifndef BC_PLACE_S8_C_H
#define BC_PLACE_S8_C_H

#include "barecast/bc_bytes.h"
#include "barecast/place.h"

static BC_KERNEL void bc_place_s8_c(const bc_place_params *p, const void *x, void *y)
{
    const uint8_t *from = (const uint8_t *)x;
    uint8_t *to = (uint8_t *)y + p->y_offset;
    for (int32_t row = 0; row < p->rows; row++) {
        BC_COPY(to + row * p->y_stride, from + row * p->bytes, (size_t)p->bytes);
    }
}

#endif
