/* SPDX-License-Identifier: 0BSD */
/*
 * lstm: a layer of long short-term memory, over `steps` inputs in order. For each step, with the gates g in the
 * order input, forget, cell, output:
 *
 *   a[g][u] = sum over c of w[g][u][c] * x[c] + sum over v of r[g][u][v] * hidden[v] + bias of both
 *   c[u] = sigmoid(a[forget][u]) * c[u] + sigmoid(a[input][u]) * tanh(a[cell][u]), clipped to +-cell_clip
 *   h[u] = sigmoid(a[output][u]) * tanh(c[u])
 *
 *   x  [steps][batch][in_c], or [batch][steps][in_c] without time_major      w     [4][units][in_c]
 *   y  the same with units: h of every step; overlaps nothing                r     [4][units][units]
 *   hidden, hidden_after, cell, cell_after  [batch][units]                   bias  [2][4][units], of w and of r
 *
 *   The states after the last step may be the bytes of those before the first, or lie apart from them.
 *   cell_sigmoid: sigmoid in place of the first tanh. Unless acc_wide, no sum of products leaves int32, in any order.
 *
 * s8: x, y, hidden, w and r int8_t, cell int16_t, whose steps tanh_mult and tanh_shift state (bc_tanh16); bias int32_t
 * with the zero points of x and hidden folded in. factors: [11] multipliers, then as many shifts: four gates of w,
 * four of r, forget * cell, input * cell gate (both to the cell's steps), output * tanh.
 * Every product, sum and gate is clamped to 16 bits; gates have 12 fraction bits before their function and 15 behind.
 * h = clamp(requantize(output * tanh, ...) + h_zero) to 8 bits. table: that of bc_curves16.h.
 * cell_clip: in the cell's steps, 2**15 for none.
 * s16 (TensorFlow Lite's 16x8): as s8 with x, y and hidden int16_t, all without zero points (h_zero is 0), and h
 * clamped to 16 bits. bias int64_t [4][units], of w. Of the factors, w's and r's are for BC_TIES_TFLITE_WIDE, the
 * others for `ties`. acc_wide: sums of products may leave int32 (48 bits hold them, bias included).
 * f32: all float, no factors and no table. cell_clip_f: 0 for none.
 *
 * Call: bc_lstm_s8_<isa>(p, x, w, r, bias, factors, table, hidden, cell, y, hidden_after, cell_after), s16 too,
 *       bc_lstm_f32_<isa>(p, x, w, r, bias, hidden, cell, y, hidden_after, cell_after).
 */
#ifndef BC_LSTM_H
#define BC_LSTM_H

#include "barecast/bc.h"

enum { BC_LSTM_INPUT, BC_LSTM_FORGET, BC_LSTM_CELL, BC_LSTM_OUTPUT };
enum { BC_LSTM_KEEP = 8, BC_LSTM_ADD = 9, BC_LSTM_HIDDEN = 10, BC_LSTM_FACTORS = 11 };

typedef struct {
    int32_t batch, steps, in_c, units;
    int32_t time_major;
    int32_t cell_sigmoid;
    int32_t h_zero;
    int32_t acc_wide;
    int32_t cell_clip;
    int32_t tanh_mult, tanh_shift;
    int32_t ties;
    float cell_clip_f;
} bc_lstm_params;

/* Where step t of batch b begins in x (of `width` numbers each) or in y. */
static BC_INLINE int32_t bc_lstm_row(const bc_lstm_params *p, int32_t t, int32_t b, int32_t width)
{
    return (p->time_major ? t * p->batch + b : b * p->steps + t) * width;
}

#endif
