/* SPDX-License-Identifier: 0BSD */
/*
 * Convolution in float32 on the FPU of Cortex-M: four pixels at a time by all outputs, one at a time what is left.
 * Windows are read where they lie. Those of a group of which one reaches over the border, and those whose columns are
 * apart (dilation_w), are gathered in scratch memory first, with zeros for the padding.
 */
#ifndef BC_CONV2D_FPU_H
#define BC_CONV2D_FPU_H

#include "barecast/bc_bytes.h"
#include "barecast/bc_f32_fpu.h"
#include "barecast/bc_window.h"
#include "barecast/conv2d.h"

/* The next pixel: its image and its place in y. */
typedef struct {
    const float *x;
    int32_t i, j;
} bc_fpu_place;

static BC_INLINE int32_t bc_conv2d_fpu_reaches_over(const bc_conv2d_params *p, int32_t row, int32_t column)
{
    return row < 0 || column < 0 || row + (p->k_h - 1) * p->dilation_h >= p->in_h ||
           column + (p->k_w - 1) * p->dilation_w >= p->in_w;
}

/* The window that starts at (row, column), as one line of depth numbers. */
BC_FPU_SHARED void bc_conv2d_fpu_gather(
    const bc_conv2d_params *p, float *to, const float *x, int32_t row, int32_t column)
{
    const uint32_t pixel = (uint32_t)p->in_c * sizeof(float);
    const int32_t first_h = bc_first_tap(row, p->dilation_h, p->k_h);
    const int32_t end_h = bc_end_tap(row, p->in_h, p->dilation_h, p->k_h);
    const int32_t first_w = bc_first_tap(column, p->dilation_w, p->k_w);
    const int32_t end_w = bc_end_tap(column, p->in_w, p->dilation_w, p->k_w);
    BC_FILL(to, 0, (uint32_t)(p->k_h * p->k_w) * pixel);
    for (int32_t r = first_h; r < end_h && first_w < end_w; ++r) {
        float *row_to = to + r * p->k_w * p->in_c;
        const float *from = x + ((row + r * p->dilation_h) * p->in_w + column + first_w * p->dilation_w) * p->in_c;
        if (p->dilation_w == 1) {
            BC_COPY(row_to + first_w * p->in_c, from, (uint32_t)(end_w - first_w) * pixel);
        } else {
            for (int32_t s = first_w; s < end_w; ++s) {
                BC_COPY(row_to + s * p->in_c, from, pixel);
                from += p->dilation_w * p->in_c;
            }
        }
    }
}

BC_FPU_SHARED void bc_conv2d_fpu(
    const bc_conv2d_params *p, const float *x, const float *w, float *y, float *scratch, bc_fpu_tile four,
    bc_fpu_tile one)
{
    const int32_t depth = p->k_h * p->k_w * p->in_c, pixels = p->batch * p->out_h * p->out_w;
    const int32_t padded = (p->pad_top | p->pad_left | p->pad_bottom | p->pad_right) != 0;
    const int32_t apart = p->k_w > 1 && p->dilation_w > 1;
    const bc_fpu_layer layer = {w, depth, p->out_c, four, one, bc_fpu_bounds_of(p->y_min_f, p->y_max_f)};
    if (p->k_h * p->k_w == 1 && p->stride_h == 1 && p->stride_w == 1 && !padded) {
        bc_fpu_matrix(&layer, x, pixels, y);
        return;
    }
    const bc_fpu_window line = {depth, 1, 0};
    const bc_fpu_window inside = {p->k_w * p->in_c, p->k_h, (p->dilation_h * p->in_w - p->k_w) * p->in_c};
    bc_fpu_place place = {x, 0, 0};
    int32_t count;
    for (int32_t left = pixels; left > 0; left -= count) {
        const float *image[4], *at[4];
        int32_t row[4], column[4], gathered = apart;
        count = bc_fpu_together(left);
        for (int32_t q = 0; q < count; ++q) {
            image[q] = place.x;
            row[q] = place.i * p->stride_h - p->pad_top;
            column[q] = place.j * p->stride_w - p->pad_left;
            gathered |= padded && bc_conv2d_fpu_reaches_over(p, row[q], column[q]);
            if (++place.j == p->out_w) {
                place.j = 0;
                if (++place.i == p->out_h) {
                    place.i = 0;
                    place.x += p->in_h * p->in_w * p->in_c;
                }
            }
        }
        for (int32_t q = 0; q < count; ++q) {
            if (gathered) {
                bc_conv2d_fpu_gather(p, scratch + q * depth, image[q], row[q], column[q]);
                at[q] = scratch + q * depth;
            } else {
                at[q] = image[q] + (row[q] * p->in_w + column[q]) * p->in_c;
            }
        }
        if (count == 1) {
            bc_fpu_one_pixel(&layer, gathered ? &line : &inside, at[0], y);
        } else {
            at[3] = at[count - 1];
            bc_fpu_four_pixels(&layer, gathered ? &line : &inside, at, y, count);
        }
        y += count * p->out_c;
    }
}

#endif
