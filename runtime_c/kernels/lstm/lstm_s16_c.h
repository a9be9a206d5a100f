/* SPDX-License-Identifier: 0BSD */
/* lstm in plain C, int16 (16x8): the four gates of a unit at a time. */
#ifndef BC_LSTM_S16_C_H
#define BC_LSTM_S16_C_H

#include "barecast/bc_dot_s16.h"
#include "barecast/bc_lstm_cell.h"
#include "barecast/bc_math.h"
#include "barecast/lstm.h"

/* gates: sum (what the sums begin with) and the products of x and of unit u's weights, in a gate's steps, 16 bits. */
static BC_KERNEL void bc_lstm_s16_c_gates(
    const bc_lstm_params *p, const int16_t *x, int32_t in_c, const int8_t *w, const int32_t *factors, int32_t u,
    int64_t sum[4], int32_t gates[4])
{
    int32_t acc[4] = {0, 0, 0, 0};
    bc_dots_s16(sum, acc, x, w, 0, u * in_c, p->units * in_c, 4, in_c, p->acc_wide);
    for (int32_t g = 0; g < 4; ++g) {
        gates[g] = bc_requantize_s16(sum[g] + acc[g], factors[g], factors[BC_LSTM_FACTORS + g], BC_TIES_TFLITE_WIDE, 0,
                                     INT16_MIN, INT16_MAX);
    }
}

/* One step of one unit: moves *cell on and returns the new h. x and hidden: of this step and batch. */
static BC_KERNEL int16_t bc_lstm_s16_c_unit(
    const bc_lstm_params *p, const int16_t *x, const int8_t *w, const int8_t *r, const int64_t *bias,
    const int32_t *factors, const int16_t *table, const int16_t *hidden, int16_t *cell, int32_t u)
{
    int32_t ahead[4], back[4];
    int64_t first[4], none[4] = {0, 0, 0, 0};
    for (int32_t g = 0; g < 4; ++g) {
        first[g] = bias[g * p->units + u];
    }
    bc_lstm_s16_c_gates(p, x, p->in_c, w, factors, u, first, ahead);
    bc_lstm_s16_c_gates(p, hidden, p->units, r, factors + 4, u, none, back);
    return (int16_t)bc_lstm_clamped(bc_lstm_cell(p, ahead, back, factors, table, cell));
}

static BC_KERNEL void bc_lstm_s16_c(
    const bc_lstm_params *p, const int16_t *x, const int8_t *w, const int8_t *r, const int64_t *bias,
    const int32_t *factors, const int16_t *table, const int16_t *hidden, const int16_t *cell, int16_t *y,
    int16_t *hidden_after, int16_t *cell_after)
{
    for (int32_t i = 0; i < p->batch * p->units; ++i) {
        hidden_after[i] = hidden[i];
        cell_after[i] = cell[i];
    }
    for (int32_t b = 0; b < p->batch; ++b) {
        int16_t *state = hidden_after + b * p->units;
        for (int32_t t = 0; t < p->steps; ++t) {
            int16_t *out = y + bc_lstm_row(p, t, b, p->units);
            for (int32_t u = 0; u < p->units; ++u) {
                out[u] = bc_lstm_s16_c_unit(p, x + bc_lstm_row(p, t, b, p->in_c), w, r, bias, factors, table, state,
                                           cell_after + b * p->units + u, u);
            }
            for (int32_t u = 0; u < p->units; ++u) {
                state[u] = out[u];
            }
        }
    }
}

#endif
