/* SPDX-License-Identifier: 0BSD */
/* What the integer kernels of lstm share: from the gates' sums to the new cell and the new h. */
#ifndef BC_LSTM_CELL_H
#define BC_LSTM_CELL_H

#include "barecast/bc_curves16.h"
#include "barecast/bc_math.h"
#include "barecast/lstm.h"

static BC_INLINE int32_t bc_lstm_clamped(int32_t value)
{
    return bc_clamp_s32(value, INT16_MIN, INT16_MAX);
}

static BC_INLINE int32_t bc_lstm_scaled(const bc_lstm_params *p, int32_t value, const int32_t *factors, int32_t which)
{
    return bc_requantize(value, factors[which], factors[BC_LSTM_FACTORS + which], p->ties);
}

/*
 * Moves *cell on and returns the new h in the steps of its type, before its clamp. ahead, back: the sums over x and
 * over hidden in a gate's steps, of 16 bits each.
 */
static BC_INLINE int32_t bc_lstm_cell(
    const bc_lstm_params *p, const int32_t ahead[4], const int32_t back[4], const int32_t *factors,
    const int16_t *table, int16_t *cell)
{
    int32_t gate[4];
    for (int32_t g = 0; g < 4; ++g) {
        const int32_t a = bc_lstm_clamped(ahead[g] + back[g]);
        gate[g] = g == BC_LSTM_CELL && !p->cell_sigmoid ? bc_tanh16(table, a, 3, 0) : bc_logistic16(table, a);
    }
    const int32_t kept = bc_lstm_scaled(p, gate[BC_LSTM_FORGET] * *cell, factors, BC_LSTM_KEEP);
    const int32_t fresh = bc_lstm_scaled(p, gate[BC_LSTM_INPUT] * gate[BC_LSTM_CELL], factors, BC_LSTM_ADD);
    const int32_t sum = bc_lstm_clamped(bc_lstm_clamped(kept) + bc_lstm_clamped(fresh));
    const int32_t value = bc_clamp_s32(sum, -p->cell_clip, p->cell_clip);
    *cell = (int16_t)value;
    const int32_t out = gate[BC_LSTM_OUTPUT] * bc_tanh16(table, value, p->tanh_mult, p->tanh_shift);
    return bc_lstm_scaled(p, out, factors, BC_LSTM_HIDDEN) + p->h_zero;
}

#endif
