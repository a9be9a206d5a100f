/* SPDX-License-Identifier: 0BSD */
/*
 * float32 with NEON: windows of x by all channels, in the tiles of bc_tile_f32_neon.h. All of it exists once in a
 * program, for all steps.
 *
 * Up to BC_F32_NEON_TOGETHER pixels are taken through one tile of channels before the next, so that its weights are
 * loaded from near memory.
 */
#ifndef BC_F32_NEON_H
#define BC_F32_NEON_H

#include "barecast/bc_floats_neon.h"
#include "barecast/bc_tile_f32_neon.h"
#include "barecast/bc_tile_c_f32_neon.h"

#define BC_F32_NEON_TOGETHER 64

/* What all pixels of a layer share; depth: rows of weights, of all segments of a window. */
typedef struct {
    const float *w, *bias;
    int32_t depth, out_c;
    bc_f32_neon_window window;
    bc_f32_neon_bounds bounds;
} bc_f32_neon_layer;

/* `blocks` times four pixels by `width` channels, 16, 8 or 4, a constant. */
static BC_INLINE void bc_f32_neon_four_pixels(
    const bc_f32_neon_layer *layer, const float *const *x, int64_t blocks, const float *w, const float *bias, float *y,
    int64_t s, int64_t s2, int64_t s3, int32_t width)
{
    if (width == 16) {
        bc_f32_neon_16x4(x, blocks, w, bias, y, s, s2, s3, &layer->window, &layer->bounds);
    } else if (width == 8) {
        bc_f32_neon_8x4(x, blocks, w, bias, y, s, s2, s3, &layer->window, &layer->bounds);
    } else {
        bc_f32_neon_4x4(x, blocks, w, bias, y, s, s2, s3, &layer->window, &layer->bounds);
    }
}

static BC_INLINE void bc_f32_neon_one_pixel(
    const bc_f32_neon_layer *layer, const float *x, const float *w, const float *bias, float *y, int32_t width)
{
    if (width == 16) {
        bc_f32_neon_16x1(x, w, bias, y, &layer->window, &layer->bounds);
    } else if (width == 8) {
        bc_f32_neon_8x1(x, w, bias, y, &layer->window, &layer->bounds);
    } else {
        bc_f32_neon_4x1(x, w, bias, y, &layer->window, &layer->bounds);
    }
}

/* The windows x[0 .. count), whose table goes on to whole fours, through one tile; step: numbers between pixels. */
static BC_INLINE void bc_f32_neon_column(
    const bc_f32_neon_layer *layer, const float *const *x, int32_t count, const float *w, const float *bias, float *y,
    int64_t step, int32_t width)
{
    while (count > 1) {
        const int64_t blocks = count < 4 ? 1 : count / 4, s = 4 * step;
        bc_f32_neon_four_pixels(layer, x, blocks, w, bias, y, s, count > 2 ? s : 0, count > 3 ? s : 0, width);
        y += 4 * blocks * step;
        x += 4 * blocks;
        count -= (int32_t)(4 * blocks);
    }
    if (count > 0) {
        bc_f32_neon_one_pixel(layer, *x, w, bias, y, width);
    }
}

/* One function a width, so that a tile is in a program once. */
#define BC_F32_NEON_COLUMN(WIDTH) \
    BC_F32_NEON_SHARED void bc_f32_neon_column_##WIDTH( \
        const bc_f32_neon_layer *layer, const float *const *x, int32_t count, const float *w, const float *bias, \
        float *y, int64_t step) \
    { \
        bc_f32_neon_column(layer, x, count, w, bias, y, step, WIDTH); \
    }
BC_F32_NEON_COLUMN(16)
BC_F32_NEON_COLUMN(8)
BC_F32_NEON_COLUMN(4)

/* All channels of the windows x[0 .. count), count up to BC_F32_NEON_TOGETHER, whose table has room for whole fours. */
BC_F32_NEON_SHARED void bc_f32_neon_pixels(const bc_f32_neon_layer *layer, const float **x, int32_t count, float *y)
{
    const int32_t out_c = layer->out_c;
    const float *w = layer->w, *bias = layer->bias;
    float some[16];
    int32_t o = 0;
    for (int32_t q = count; q % 4; ++q) {
        x[q] = x[count - 1];
    }
    for (; o + 16 <= out_c; o += 16) {
        bc_f32_neon_column_16(layer, x, count, w, bias + o, y + o, out_c);
        w += 16 * layer->depth;
    }
    if (o + 8 <= out_c) {
        bc_f32_neon_column_8(layer, x, count, w, bias + o, y + o, out_c);
        w += 8 * layer->depth;
        o += 8;
    }
    if (o + 4 <= out_c) {
        bc_f32_neon_column_4(layer, x, count, w, bias + o, y + o, out_c);
        w += 4 * layer->depth;
        o += 4;
    }
    if (o < out_c) {
        for (int32_t q = 0; q < count; ++q) {
            if (q % 4 == 0) {
                bc_f32_neon_column_4(layer, x + q, count - q < 4 ? count - q : 4, w, bias + o, some, 4);
            }
            bc_f32_neon_copy(y + (int64_t)q * out_c + o, some + q % 4 * 4, out_c - o);
        }
    }
}

/* All channels of `rows` pixels that lie one after the other, layer->depth numbers each. */
BC_F32_NEON_SHARED void bc_f32_neon_rows(const bc_f32_neon_layer *layer, const float *x, int32_t rows, float *y)
{
    const float *table[BC_F32_NEON_TOGETHER];
    while (rows > 0) {
        const int32_t count = rows < BC_F32_NEON_TOGETHER ? rows : BC_F32_NEON_TOGETHER;
        for (int32_t q = 0; q < count; ++q) {
            table[q] = x;
            x += layer->depth;
        }
        bc_f32_neon_pixels(layer, table, count, y);
        y += (int64_t)count * layer->out_c;
        rows -= count;
    }
}

static BC_INLINE bc_f32_neon_layer bc_f32_neon_layer_of(
    const float *w, const float *bias, int32_t segments, int32_t length, int64_t next, int32_t out_c, float low,
    float high)
{
    const bc_f32_neon_layer layer = {
        w, bias, segments * length, out_c, bc_f32_neon_window_of(segments, length, next),
        bc_f32_neon_bounds_of(low, high)};
    return layer;
}

#endif
