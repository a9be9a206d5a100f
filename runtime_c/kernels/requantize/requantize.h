/* SPDX-License-Identifier: 0BSD */
/*
 * requantize: s8 to u8 or u8 to s8 of the same scale, zero points 128 apart: the top bit of every byte flips.
 * (Other requantisations are tables: see table.h.)
 *
 *   void bc_requantize_<dtype>_<isa>(const bc_requantize_params *p, const void *x, void *y)
 *
 * x, y: p->size bytes; y may be x.
 */
#ifndef BC_REQUANTIZE_H
#define BC_REQUANTIZE_H

#include <stdint.h>

#include "barecast/bc.h"

typedef struct bc_requantize_params {
    int32_t size; /* elements, >= 0 */
} bc_requantize_params;

#endif
