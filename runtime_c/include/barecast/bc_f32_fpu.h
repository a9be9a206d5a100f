/* SPDX-License-Identifier: 0BSD */
/*
 * float32 on the FPU of Cortex-M: windows of x by all outputs, and rows of a matrix by all outputs, in the tiles of
 * bc_tile_fpu.h. All of it exists once in a program, for all steps.
 */
#ifndef BC_F32_FPU_H
#define BC_F32_FPU_H

#include "barecast/bc_tile_fpu.h"

/* What all pixels of a layer share; depth: products of an output; four, one: the tiles of 4x4 and 1x8. */
typedef struct {
    const float *w;
    int32_t depth, out_c;
    bc_fpu_tile four, one;
    bc_fpu_bounds bounds;
} bc_fpu_layer;

/* All outputs of `count` pixels, 3 or 4, whose windows begin at x[0 .. 4): x[3] is any valid one where count is 3. */
BC_FPU_SHARED void bc_fpu_four_pixels(
    const bc_fpu_layer *layer, const bc_fpu_window *window, const float *const x[4], float *y, int32_t count)
{
    const int32_t out_c = layer->out_c;
    const float *w = layer->w;
    for (int32_t o = 0; o < out_c; o += 4) {
        if (count == 4 && o + 4 <= out_c) {
            bc_fpu_4x4(layer->four, window, &layer->bounds, x, w, y + o, out_c);
        } else {
            float some[16];
            bc_fpu_4x4(layer->four, window, &layer->bounds, x, w, some, 4);
            for (int32_t q = 0; q < count; ++q) {
                for (int32_t c = 0; c < 4 && o + c < out_c; ++c) {
                    y[q * out_c + o + c] = some[4 * q + c];
                }
            }
        }
        w += 4 + 4 * layer->depth;
    }
}

/* All outputs of the pixel whose window begins at x. */
BC_FPU_SHARED void bc_fpu_one_pixel(
    const bc_fpu_layer *layer, const bc_fpu_window *window, const float *x, float *y)
{
    const int32_t out_c = layer->out_c, tile = 4 + 4 * layer->depth;
    const float *w = layer->w;
    for (int32_t o = 0; o < out_c; o += 8) {
        const float *more = o + 4 < out_c ? w + tile : w;
        if (o + 8 <= out_c) {
            bc_fpu_1x8(layer->one, window, &layer->bounds, x, w, more, y + o);
        } else {
            float some[8];
            bc_fpu_1x8(layer->one, window, &layer->bounds, x, w, more, some);
            for (int32_t c = 0; c < 8 && o + c < out_c; ++c) {
                y[o + c] = some[c];
            }
        }
        w += 2 * tile;
    }
}

/* How many pixels to take together of those that are left. */
static BC_INLINE int32_t bc_fpu_together(int32_t left)
{
    return left >= 4 ? 4 : left == 3 ? 3 : 1;
}

/* All outputs of `rows` pixels that lie one after the other, in_c numbers each: depth is in_c. */
BC_FPU_SHARED void bc_fpu_matrix(const bc_fpu_layer *layer, const float *x, int32_t rows, float *y)
{
    const bc_fpu_window window = {layer->depth, 1, 0};
    int32_t count;
    for (int32_t left = rows; left > 0; left -= count) {
        count = bc_fpu_together(left);
        if (count == 1) {
            bc_fpu_one_pixel(layer, &window, x, y);
        } else {
            const float *const at[4] = {x, x + layer->depth, x + 2 * layer->depth, x + (count - 1) * layer->depth};
            bc_fpu_four_pixels(layer, &window, at, y, count);
        }
        x += count * layer->depth;
        y += count * layer->out_c;
    }
}

#endif
