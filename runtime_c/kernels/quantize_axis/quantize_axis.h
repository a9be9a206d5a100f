/* SPDX-License-Identifier: 0BSD */
/*
 * quantize_axis: as quantize, with a scale and a zero point per slice of one axis.
 *
 *   void bc_quantize_axis_<dtype>_<isa>(const bc_quantize_axis_params *p, const float *x, const float *scale,
 *                                       const int32_t *zero, int8_t *y)
 *
 * <dtype> is y's: s8, or u8 (then uint8_t *y). x, y: [outer, extent, inner], contiguous; y may lie in x's first
 * bytes. scale, zero: p->extent each, scale > 0, zero in y's range.
 */
#ifndef BC_QUANTIZE_AXIS_H
#define BC_QUANTIZE_AXIS_H

#include <stdint.h>

#include "barecast/bc.h"
#include "barecast/quantize.h"

typedef struct bc_quantize_axis_params {
    int32_t outer;
    int32_t extent;
    int32_t inner;
} bc_quantize_axis_params;

#endif
