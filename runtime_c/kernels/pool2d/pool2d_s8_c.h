/* SPDX-License-Identifier: 0BSD */
/* pool2d in plain C, int8: one output at a time. */
#ifndef BC_POOL2D_S8_C_H
#define BC_POOL2D_S8_C_H

#include "barecast/bc_math.h"
#include "barecast/bc_math_f32.h"
#include "barecast/bc_window.h"
#include "barecast/pool2d.h"

/* The average in float32, in the order that the contract states. */
static BC_INLINE int8_t bc_pool2d_s8_c_by_float(
    const bc_pool2d_params *p, const int8_t *x, int32_t rows, int32_t columns)
{
    const int32_t row_step = p->dilation_h * p->in_w * p->channels, column_step = p->dilation_w * p->channels;
    const int32_t count = p->include_pad ? p->k_h * p->k_w : rows * columns;
    /* One part, the whole window row by row; or a part for each column. */
    const int32_t parts = p->columns_first ? columns : 1, width = p->columns_first ? 1 : columns;
    float sum = 0.0f;
    for (int32_t part = 0; part < parts; ++part) {
        float partial = 0.0f;
        for (int32_t r = 0; r < rows; ++r) {
            for (int32_t s = part; s < part + width; ++s) {
                partial += (float)(x[r * row_step + s * column_step] - p->x_zero) * p->x_scale;
            }
        }
        sum += partial;
    }
    const float mean = bc_clamp_f32(sum / (float)count / p->y_scale + p->y_offset, -1024.0f, 1024.0f);
    return (int8_t)bc_clamp_s32(bc_round_even_f32(mean) - p->y_back, p->y_min, p->y_max);
}

/* The output for acc, the maximum of the taps or the sum of (x - x_zero) over them; *x is the first. */
static BC_INLINE int8_t bc_pool2d_s8_c_finish(
    const bc_pool2d_params *p, const int8_t *x, const int32_t *mult, int32_t rows, int32_t columns, int32_t acc)
{
    const int32_t count = rows * columns;
    if (p->is_max) {
        return (int8_t)bc_clamp_s32(acc, p->y_min, p->y_max);
    }
    if (p->ties >= BC_TIES_TFLITE) {
        const int32_t half = acc > 0 ? count / 2 : -(count / 2);
        return (int8_t)bc_clamp_s32((acc + half) / count, p->y_min, p->y_max);
    }
    const int32_t multiplier = mult[p->per_count ? count - 1 : 0];
    if (p->ties && bc_is_half(acc, multiplier, p->shift)) {
        return bc_pool2d_s8_c_by_float(p, x, rows, columns);
    }
    return bc_requantize_s8(acc, multiplier, p->shift, 0, p->y_zero, p->y_min, p->y_max);
}

/* One output from `rows` x `columns` taps, the first of which is *x. */
static BC_KERNEL int8_t bc_pool2d_s8_c_out(
    const bc_pool2d_params *p, const int8_t *x, const int32_t *mult, int32_t rows, int32_t columns)
{
    const int32_t row_step = p->dilation_h * p->in_w * p->channels, column_step = p->dilation_w * p->channels;
    int32_t acc = p->is_max ? INT8_MIN : -p->x_zero * rows * columns;
    for (int32_t r = 0; r < rows; ++r) {
        for (int32_t s = 0; s < columns; ++s) {
            const int32_t value = x[r * row_step + s * column_step];
            if (p->is_max) {
                acc = value > acc ? value : acc;
            } else {
                acc += value;
            }
        }
    }
    return bc_pool2d_s8_c_finish(p, x, mult, rows, columns, acc);
}

static BC_KERNEL void bc_pool2d_s8_c(const bc_pool2d_params *p, const int8_t *x, const int32_t *mult, int8_t *y)
{
    const int32_t padded_h = p->pad_top | p->pad_bottom, padded_w = p->pad_left | p->pad_right;
    for (int32_t n = 0; n < p->batch; ++n) {
        for (int32_t i = 0; i < p->out_h; ++i) {
            const int32_t row = i * p->stride_h - p->pad_top;
            const int32_t first_h = padded_h ? bc_first_tap(row, p->dilation_h, p->k_h) : 0;
            const int32_t end_h = padded_h ? bc_end_tap(row, p->in_h, p->dilation_h, p->k_h) : p->k_h;
            for (int32_t j = 0; j < p->out_w; ++j) {
                const int32_t column = j * p->stride_w - p->pad_left;
                const int32_t first_w = padded_w ? bc_first_tap(column, p->dilation_w, p->k_w) : 0;
                const int32_t end_w = padded_w ? bc_end_tap(column, p->in_w, p->dilation_w, p->k_w) : p->k_w;
                const int8_t *first = x + ((row + first_h * p->dilation_h) * p->in_w + column + first_w * p->dilation_w)
                                          * p->channels;
                for (int32_t c = 0; c < p->channels; ++c) {
                    *y++ = bc_pool2d_s8_c_out(p, first + c, mult, end_h - first_h, end_w - first_w);
                }
            }
        }
        x += p->in_h * p->in_w * p->channels;
    }
}

#endif
