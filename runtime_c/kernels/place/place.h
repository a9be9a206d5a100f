/* SPDX-License-Identifier: 0BSD */
/*
 * place: rows of x into every p->y_stride-th byte of y: one input of a concat.
 *
 *   void bc_place_<dtype>_<isa>(const bc_place_params *p, const void *x, void *y)
 *
 * x: p->rows * p->bytes bytes. y: at least p->y_offset + (p->rows - 1) * p->y_stride + p->bytes bytes,
 * of which the ones between the rows are left as they are. x and y do not overlap.
 * Any type and alignment; <dtype> is s8: bytes.
 */
#ifndef BC_PLACE_H
#define BC_PLACE_H

#include <stdint.h>

#include "barecast/bc.h"

typedef struct bc_place_params {
    int32_t rows;     /* >= 0 */
    int32_t bytes;    /* of a row, >= 0 */
    int32_t y_stride; /* bytes from a row of y to the next, >= bytes */
    int32_t y_offset; /* bytes in front of the first row of y, >= 0 */
} bc_place_params;

#endif
