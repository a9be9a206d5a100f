/* SPDX-License-Identifier: 0BSD */
/*
 * Which taps of a sliding window lie on the input, along one axis: those from bc_first_tap up to,
 * not including, bc_end_tap. `start` is the position of tap 0, which is negative on leading padding.
 */
#ifndef BC_WINDOW_H
#define BC_WINDOW_H

#include "barecast/bc.h"

/* The first tap at or after position 0, `taps` if none is. */
static BC_KERNEL int32_t bc_first_tap(int32_t start, int32_t dilation, int32_t taps)
{
    const int32_t first = start >= 0 ? 0 : (dilation - 1 - start) / dilation;
    return first < taps ? first : taps;
}

/* The first tap at or after position `size`, `taps` if none is. */
static BC_KERNEL int32_t bc_end_tap(int32_t start, int32_t size, int32_t dilation, int32_t taps)
{
    return bc_first_tap(start - size, dilation, taps);
}

#endif
