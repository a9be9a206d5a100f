/* SPDX-License-Identifier: 0BSD */
#ifndef BC_SVDF_S8_C_H
#define BC_SVDF_S8_C_H

#include "barecast/bc_dot.h"
#include "barecast/bc_math.h"
#include "barecast/svdf.h"

static BC_INLINE void bc_svdf_s8_c_store(const bc_svdf_params *p, void *state, int32_t index, int32_t value)
{
    if (p->wide) {
        ((int16_t *)state)[index] = (int16_t)value;
    } else {
        ((int8_t *)state)[index] = (int8_t)value;
    }
}

/* The newest feature of one filter, in the states' type but for the wrapping. */
static BC_INLINE int32_t bc_svdf_s8_c_feature(const bc_svdf_params *p, const int8_t *x, const int8_t *wf)
{
    const int32_t most = p->wide ? INT16_MAX : INT8_MAX;
    int32_t acc = 0;
    for (int32_t c = 0; c < p->in_c; ++c) {
        acc += (x[c] - p->x_zero) * wf[c];
    }
    acc = bc_requantize(acc, p->feature_mult, p->feature_shift, p->ties);
    return bc_clamp_s32(acc, -most - 1, most) + p->state_zero;
}

/* Moves the memory of the filter at `first` on by one; returns the sum of its products, which wraps around. */
static BC_INLINE uint32_t bc_svdf_s8_c_filter(
    const bc_svdf_params *p, int32_t feature, const void *wt, int32_t taps, const void *before, void *after,
    int32_t first)
{
    uint32_t acc = 0;
    /* Forwards: each feature is read before its place is written, where the states are the same bytes. */
    for (int32_t j = 0; j < p->memory; ++j) {
        const int32_t newer = j + 1 < p->memory ? bc_weight(before, p->wide, first + j + 1) : feature;
        bc_svdf_s8_c_store(p, after, first + j, newer);
        const int32_t stored = bc_weight(after, p->wide, first + j);
        acc += (uint32_t)((stored - p->state_zero) * bc_weight(wt, p->wide, taps + j));
    }
    return acc;
}

static BC_KERNEL void bc_svdf_s8_c(
    const bc_svdf_params *p, const int8_t *x, const int8_t *wf, const void *wt, const int32_t *bias, const void *before,
    int8_t *y, void *after)
{
    const int32_t units = p->filters / p->rank;
    for (int32_t b = 0; b < p->batch; ++b) {
        for (int32_t u = 0; u < units; ++u) {
            uint32_t acc = (uint32_t)bias[u];
            for (int32_t f = u * p->rank; f < (u + 1) * p->rank; ++f) {
                const int32_t feature = bc_svdf_s8_c_feature(p, x, wf + f * p->in_c);
                acc += bc_svdf_s8_c_filter(p, feature, wt, f * p->memory, before, after,
                                           (b * p->filters + f) * p->memory);
            }
            *y++ = bc_requantize_s8((int32_t)acc, p->mult, p->shift, p->ties, p->y_zero, p->y_min, p->y_max);
        }
        x += p->in_c;
    }
}

#endif
