/* SPDX-License-Identifier: 0BSD */
#ifndef BC_COPY_S8_C_H
#define BC_COPY_S8_C_H

#include "barecast/bc_bytes.h"
#include "barecast/copy.h"

static BC_KERNEL void bc_copy_s8_c(const bc_copy_params *p, const void *x, void *y)
{
    BC_COPY(y, x, (size_t)p->bytes);
}

#endif
