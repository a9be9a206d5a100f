/* SPDX-License-Identifier: 0BSD */
/*
 * table: y[i] = table[x[i]], for functions of one 8-bit number (activations, requantize).
 *
 *   void bc_table_<dtype>_<isa>(const bc_table_params *p, const void *x, const void *table, void *y)
 *
 * x, y: p->size bytes, s8 or u8; y may be x. table: 256 bytes, entry b for the byte b (s8 -1 is byte 255).
 */
#ifndef BC_TABLE_H
#define BC_TABLE_H

#include <stdint.h>

#include "barecast/bc.h"

typedef struct bc_table_params {
    int32_t size; /* elements, >= 0 */
} bc_table_params;

#endif
