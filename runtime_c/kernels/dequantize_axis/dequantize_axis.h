/* SPDX-License-Identifier: 0BSD */
/*
 * dequantize_axis: as dequantize, with a scale and a zero point per slice of one axis.
 *
 *   void bc_dequantize_axis_<dtype>_<isa>(const bc_dequantize_axis_params *p, const int8_t *x, const float *scale,
 *                                         const int32_t *zero, float *y)
 *
 * <dtype> is x's: s8, u8 (uint8_t *x) or s32 (int32_t *x). x, y: [outer, extent, inner], contiguous; x may lie in
 * y's last bytes. scale, zero: p->extent each, scale > 0, zero in x's range.
 */
#ifndef BC_DEQUANTIZE_AXIS_H
#define BC_DEQUANTIZE_AXIS_H

#include <stdint.h>

#include "barecast/bc.h"
#include "barecast/dequantize.h"

typedef struct bc_dequantize_axis_params {
    int32_t outer;
    int32_t extent;
    int32_t inner;
} bc_dequantize_axis_params;

#endif
