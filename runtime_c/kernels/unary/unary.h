/* SPDX-License-Identifier: 0BSD */
/*
 * unary: a function of one number, then a clamp.
 *
 *   void bc_unary_f32_<isa>(const bc_unary_params *p, const float *x, float *y)
 *   void bc_unary_s8_<isa>(const bc_unary_params *p, const int8_t *x, int8_t *y)      clamp only
 *   void bc_unary_u8_<isa>(const bc_unary_params *p, const uint8_t *x, uint8_t *y)    clamp only
 *   void bc_unary_s16_<isa>(const bc_unary_params *p, const int16_t *x, int16_t *y)   clamp only
 *
 * x, y: p->size elements; y may be x. Integer x and y share one quantisation. NaN stays NaN.
 * (Other functions of 8-bit numbers are tables: see table.h; of 16-bit numbers: rescale.h and sigmoid.h.)
 */
#ifndef BC_UNARY_H
#define BC_UNARY_H

#include <stdint.h>

#include "barecast/bc.h"

enum {
    BC_UNARY_CLAMP = 0,
    BC_UNARY_SIGMOID = 1,
    BC_UNARY_TANH = 2,
    BC_UNARY_LEAKY_RELU = 3, /* x > 0 ? x : alpha * x */
    BC_UNARY_HARD_SWISH = 4, /* x * min(max(x + 3, 0), 6) / 6 */
    BC_UNARY_ELU = 5,        /* x > 0 ? x : alpha * (e**x - 1) */
    BC_UNARY_ABS = 6,
    BC_UNARY_NEG = 7,
    BC_UNARY_SQUARE = 8,
    BC_UNARY_SQRT = 9,
    BC_UNARY_RSQRT = 10, /* 1 / sqrt(x) */
    BC_UNARY_EXP = 11,
    BC_UNARY_LOG = 12,
    BC_UNARY_SIN = 13,
    BC_UNARY_COS = 14,
    BC_UNARY_CEIL = 15,
    BC_UNARY_FLOOR = 16,
    BC_UNARY_ROUND = 17,      /* halves to even */
    BC_UNARY_RECIPROCAL = 18, /* 1 / x */
    BC_UNARY_SIGN = 19,
    BC_UNARY_HARD_SIGMOID = 20, /* min(max(alpha * x + beta, 0), 1) */
    BC_UNARY_HARD_SILU = 21,    /* x * hard sigmoid */
    BC_UNARY_SILU = 22,         /* x * sigmoid */
    BC_UNARY_SOFTPLUS = 23,     /* log(1 + e**x) */
    BC_UNARY_SOFTSIGN = 24,     /* x / (1 + |x|) */
    BC_UNARY_MISH = 25,         /* x * tanh(softplus) */
    BC_UNARY_ERF = 26,
    BC_UNARY_GELU = 27,            /* x / 2 * (1 + erf(x / sqrt(2))) */
    BC_UNARY_GELU_TANH = 28,       /* x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))) */
    BC_UNARY_SELU = 29,            /* beta * (x > 0 ? x : alpha * (e**x - 1)) */
    BC_UNARY_CELU = 30,            /* x > 0 ? x : alpha * (e**(x / alpha) - 1) */
    BC_UNARY_THRESHOLDED_RELU = 31 /* x > alpha ? x : 0 */
};

typedef struct bc_unary_params {
    int32_t size;  /* elements, >= 0 */
    int32_t kind;  /* BC_UNARY_... */
    int32_t y_min; /* integers: the clamp, within the type's range */
    int32_t y_max;
    float y_min_f; /* f32: the clamp; -FLT_MAX and FLT_MAX are no bounds */
    float y_max_f;
    float alpha; /* f32: as the kinds have it */
    float beta;
} bc_unary_params;

#endif
