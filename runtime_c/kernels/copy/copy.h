/* SPDX-License-Identifier: 0BSD */
/*
 * copy: y = x, byte for byte.
 *
 *   void bc_copy_<dtype>_<isa>(const bc_copy_params *p, const void *x, void *y)
 *
 * x, y: p->bytes bytes of any type and alignment, which do not overlap. <dtype> is s8: bytes.
 */
#ifndef BC_COPY_H
#define BC_COPY_H

#include <stdint.h>

#include "barecast/bc.h"

typedef struct bc_copy_params {
    int32_t bytes; /* >= 0 */
} bc_copy_params;

#endif
