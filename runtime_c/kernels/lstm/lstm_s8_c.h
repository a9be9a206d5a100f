/* SPDX-License-Identifier: 0BSD */
/* lstm in plain C, int8 with cells of 16 bits: the four gates of a unit at a time. */
#ifndef BC_LSTM_S8_C_H
#define BC_LSTM_S8_C_H

#include "barecast/bc_dot.h"
#include "barecast/bc_lstm_cell.h"
#include "barecast/bc_math.h"
#include "barecast/lstm.h"

/* One step of one unit: moves *cell on and returns the new h. x and hidden: of this step and batch. */
static BC_KERNEL int8_t bc_lstm_s8_c_unit(
    const bc_lstm_params *p, const int8_t *x, const int8_t *w, const int8_t *r, const int32_t *bias,
    const int32_t *factors, const int16_t *table, const int8_t *hidden, int16_t *cell, int32_t u)
{
    int32_t ahead[4], back[4];
    for (int32_t g = 0; g < 4; ++g) {
        ahead[g] = bias[g * p->units + u];
        back[g] = bias[(4 + g) * p->units + u];
    }
    bc_dot4_s8(ahead, x, w, 0, u * p->in_c, p->units * p->in_c, p->in_c);
    bc_dot4_s8(back, hidden, r, 0, u * p->units, p->units * p->units, p->units);
    for (int32_t g = 0; g < 4; ++g) {
        ahead[g] = bc_lstm_clamped(bc_lstm_scaled(p, ahead[g], factors, g));
        back[g] = bc_lstm_clamped(bc_lstm_scaled(p, back[g], factors, 4 + g));
    }
    return (int8_t)bc_clamp_s32(bc_lstm_cell(p, ahead, back, factors, table, cell), INT8_MIN, INT8_MAX);
}

static BC_KERNEL void bc_lstm_s8_c(
    const bc_lstm_params *p, const int8_t *x, const int8_t *w, const int8_t *r, const int32_t *bias,
    const int32_t *factors, const int16_t *table, const int8_t *hidden, const int16_t *cell, int8_t *y,
    int8_t *hidden_after, int16_t *cell_after)
{
    for (int32_t i = 0; i < p->batch * p->units; ++i) {
        hidden_after[i] = hidden[i];
        cell_after[i] = cell[i];
    }
    for (int32_t b = 0; b < p->batch; ++b) {
        int8_t *state = hidden_after + b * p->units;
        for (int32_t t = 0; t < p->steps; ++t) {
            int8_t *out = y + bc_lstm_row(p, t, b, p->units);
            for (int32_t u = 0; u < p->units; ++u) {
                out[u] = bc_lstm_s8_c_unit(p, x + bc_lstm_row(p, t, b, p->in_c), w, r, bias, factors, table, state,
                                           cell_after + b * p->units + u, u);
            }
            for (int32_t u = 0; u < p->units; ++u) {
                state[u] = out[u];
            }
        }
    }
}

#endif
