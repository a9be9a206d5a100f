/* SPDX-License-Identifier: 0BSD */
/*
 * Logistic and tanh of 16-bit numbers as TensorFlow Lite's integer kernels compute them. `table` has 256 entries, the
 * logistic function at multiples of 1/24 with 16 fraction bits, less 2**15 so that they fit int16_t; both functions
 * interpolate in it.
 */
#ifndef BC_CURVES16_H
#define BC_CURVES16_H

#include "barecast/bc.h"

/* The table at size / 2**bits, with 16 + bits fraction bits. size >> bits < 255. */
static BC_FUNCTION int32_t bc_curve16(const int16_t *table, int32_t size, int32_t bits)
{
    const int32_t at = size >> bits, below = table[at] + 32768;
    return (below << bits) + (size & (((int32_t)1 << bits) - 1)) * (table[at + 1] + 32768 - below);
}

/* 1 / (1 + exp(-x)), with 15 fraction bits; moved is three times x with 12 fraction bits. */
static BC_FUNCTION int32_t bc_logistic16_of(const int16_t *table, int32_t moved)
{
    const int32_t size = moved < 0 ? -moved : moved;
    const int32_t value = size >> 9 >= 255 ? (int32_t)0x7fff << 10 : bc_curve16(table, size, 9);
    return (moved >= 0 ? value + 512 : ((int32_t)1 << 25) - value + 511) >> 10;
}

/* 1 / (1 + exp(-x)); x has 12 fraction bits, the result 15. */
static BC_FUNCTION int32_t bc_logistic16(const int16_t *table, int32_t x)
{
    return bc_logistic16_of(table, 3 * x);
}

/* tanh(x), with 15 fraction bits; x * multiplier / 2**shift, halves up, is three times x with 12 fraction bits. */
static BC_FUNCTION int32_t bc_tanh16(const int16_t *table, int32_t x, int32_t multiplier, int32_t shift)
{
    const int32_t moved = (x * multiplier + (shift > 0 ? (int32_t)1 << (shift - 1) : 0)) >> shift;
    const int32_t size = moved < 0 ? -moved : moved;
    const int32_t value = size >> 8 >= 255 ? (int32_t)0xffff << 8 : bc_curve16(table, size, 8);
    return (moved >= 0 ? value - ((int32_t)1 << 23) + 128 : ((int32_t)1 << 23) - value + 127) >> 8;
}

#endif
