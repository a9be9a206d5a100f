/* SPDX-License-Identifier: 0BSD */
/*
 * dequantize: the real numbers behind integers with one scale, as ONNX's DequantizeLinear:
 * y = (float)(x - zero) * scale.
 *
 *   void bc_dequantize_<dtype>_<isa>(const bc_dequantize_params *p, const int8_t *x, float *y)
 *
 * <dtype> is x's: s8, u8 (uint8_t *x), s16 (int16_t *x) or s32 (int32_t *x). x, y: p->size elements; x may lie in
 * y's last bytes.
 */
#ifndef BC_DEQUANTIZE_H
#define BC_DEQUANTIZE_H

#include <stdint.h>

#include "barecast/bc.h"

typedef struct bc_dequantize_params {
    int32_t size;   /* elements, >= 0 */
    int32_t x_zero; /* in x's range */
    float scale;    /* > 0, finite */
} bc_dequantize_params;

/* One number. The difference wraps for s32 (whose zero point is 0 in every sane model). */
static BC_INLINE float bc_dequantize_one(int32_t x, float scale, int32_t zero)
{
    return (float)(int32_t)((uint32_t)x - (uint32_t)zero) * scale;
}

#endif
