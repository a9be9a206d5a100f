/* SPDX-License-Identifier: 0BSD */
/* lstm in plain C, float: the four gates of a unit at a time. */
#ifndef BC_LSTM_F32_C_H
#define BC_LSTM_F32_C_H

#include "barecast/bc_dot.h"
#include "barecast/bc_math.h"
#include "barecast/bc_math_f32.h"
#include "barecast/lstm.h"

/* One step of one unit: moves *cell on and returns the new h. x and hidden: of this step and batch. */
static BC_KERNEL float bc_lstm_f32_c_unit(
    const bc_lstm_params *p, const float *x, const float *w, const float *r, const float *bias, const float *hidden,
    float *cell, int32_t u)
{
    float a[4];
    for (int32_t g = 0; g < 4; ++g) {
        a[g] = bias[g * p->units + u] + bias[(4 + g) * p->units + u];
    }
    bc_dot4_f32(a, x, w + u * p->in_c, p->units * p->in_c, p->in_c);
    bc_dot4_f32(a, hidden, r + u * p->units, p->units * p->units, p->units);
    const float fresh = p->cell_sigmoid ? bc_sigmoid_f32(a[BC_LSTM_CELL]) : bc_tanh_f32(a[BC_LSTM_CELL]);
    float value = bc_sigmoid_f32(a[BC_LSTM_FORGET]) * *cell + bc_sigmoid_f32(a[BC_LSTM_INPUT]) * fresh;
    if (p->cell_clip_f > 0.0f) {
        value = bc_clamp_f32(value, -p->cell_clip_f, p->cell_clip_f);
    }
    *cell = value;
    return bc_sigmoid_f32(a[BC_LSTM_OUTPUT]) * bc_tanh_f32(value);
}

static BC_KERNEL void bc_lstm_f32_c(
    const bc_lstm_params *p, const float *x, const float *w, const float *r, const float *bias, const float *hidden,
    const float *cell, float *y, float *hidden_after, float *cell_after)
{
    for (int32_t i = 0; i < p->batch * p->units; ++i) {
        hidden_after[i] = hidden[i];
        cell_after[i] = cell[i];
    }
    for (int32_t b = 0; b < p->batch; ++b) {
        float *state = hidden_after + b * p->units;
        for (int32_t t = 0; t < p->steps; ++t) {
            float *out = y + bc_lstm_row(p, t, b, p->units);
            for (int32_t u = 0; u < p->units; ++u) {
                out[u] = bc_lstm_f32_c_unit(p, x + bc_lstm_row(p, t, b, p->in_c), w, r, bias, state,
                                            cell_after + b * p->units + u, u);
            }
            for (int32_t u = 0; u < p->units; ++u) {
                state[u] = out[u];
            }
        }
    }
}

#endif
