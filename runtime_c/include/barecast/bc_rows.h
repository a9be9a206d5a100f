/* SPDX-License-Identifier: 0BSD */
/*
 * Layers that run together a row at a time: which rows of an image are there, and which the next one is computed from.
 * Rows are counted from 0, those of the padding above the image negatively.
 */
#ifndef BC_ROWS_H
#define BC_ROWS_H

#include "barecast/bc.h"

/* The rows of one image: those up to `computed` were there, and those from `first` on are held, the first in front. */
typedef struct {
    uint16_t computed;
    uint16_t first;
} bc_rows;

/* What a row is computed from: `held` rows of an image from `first` on, and rows of padding above and below them. */
typedef struct {
    int32_t first;
    int32_t held;
    int32_t above;
    int32_t below;
} bc_band;

/* The first row of an image that row `row` of a layer, or any later one, is computed from. */
static BC_INLINE int32_t bc_rows_first(int32_t row, int32_t stride, int32_t pad)
{
    const int32_t start = row * stride - pad;
    return start > 0 ? start : 0;
}

static BC_INLINE int32_t bc_rows_least(int32_t one, int32_t other)
{
    return one < other ? one : other;
}

/* What row `row` of a layer is computed from: `span` rows from row * stride - pad on, as far as the image has them. */
static BC_INLINE bc_band bc_rows_band(int32_t row, int32_t span, int32_t stride, int32_t pad, int32_t height)
{
    const int32_t start = row * stride - pad;
    const int32_t first = bc_rows_first(row, stride, pad);
    const int32_t end = bc_rows_least(start + span, height);
    const bc_band band = { first, end - first, first - start, start + span - end };
    return band;
}

/* Elements of any type by words, where a compiler lets one pointer stand for them. */
#if defined(__GNUC__)
typedef uint32_t __attribute__((may_alias)) bc_rows_unit;
#else
typedef uint8_t bc_rows_unit;
#endif

/* Makes room for a row: the rows before `needed` go, and the others that are held move to the front of `image`. */
static BC_INLINE void bc_rows_keep(uint8_t *image, bc_rows *rows, int32_t needed, uint32_t row_bytes)
{
    const uint32_t computed = rows->computed;
    const uint32_t first = (uint32_t)needed < computed ? (uint32_t)needed : computed;
    if (first > rows->first) {
        const uint8_t *from = image + (first - rows->first) * row_bytes;
        uint32_t bytes = (computed - first) * row_bytes;
        rows->first = (uint16_t)first;
        if (row_bytes % sizeof(bc_rows_unit) == 0) {
            bc_rows_unit *to = (bc_rows_unit *)(void *)image;
            const bc_rows_unit *units = (const bc_rows_unit *)(const void *)from;
            for (; bytes > 0; bytes -= (uint32_t)sizeof(bc_rows_unit)) {
                *to++ = *units++;
            }
            return;
        }
        for (; bytes > 0; bytes--) {
            *image++ = *from++;
        }
    }
}

#endif
