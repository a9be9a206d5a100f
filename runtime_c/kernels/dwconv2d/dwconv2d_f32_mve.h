/* SPDX-License-Identifier: 0BSD */
/* dwconv2d for Helium, float32, one output a channel: four channels at a time, padding left out. */
#ifndef BC_DWCONV2D_F32_MVE_H
#define BC_DWCONV2D_F32_MVE_H

#include "barecast/bc_f32_mve.h"
#include "barecast/bc_window.h"
#include "barecast/dwconv2d.h"

static BC_KERNEL void bc_dwconv2d_f32_mve(
    const bc_dwconv2d_params *p, const float *x, const float *w, const float *bias, float *y)
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
                for (int32_t c = 0; c < p->out_c; c += 4) {
                    const mve_pred16_t some = vctp32q((uint32_t)(p->out_c - c));
                    float32x4_t acc = vldrwq_z_f32(bias + c, some);
                    for (int32_t r = first_h; r < end_h; ++r) {
                        for (int32_t s = first_w; s < end_w; ++s) {
                            const int32_t at = (row + r * p->dilation_h) * p->in_w + column + s * p->dilation_w;
                            acc = vfmaq_f32(acc, vldrwq_z_f32(x + at * p->in_c + c, some),
                                            vldrwq_z_f32(w + (r * p->k_w + s) * p->out_c + c, some));
                        }
                    }
                    vstrwq_p_f32(y + c, bc_mve_f32_clamp(acc, p->y_min_f, p->y_max_f), some);
                }
                y += p->out_c;
            }
        }
        x += p->in_h * p->in_w * p->in_c;
    }
}

#endif
