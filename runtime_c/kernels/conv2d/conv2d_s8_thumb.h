/* SPDX-License-Identifier: 0BSD */
/*
 * conv2d for cores without SIMD instructions, int8: four pixels at a time, two by one multiplication (bc_pairs.h).
 *
 * The windows of the four pixels are gathered in scratch once a group, and all of its filters run over them.
 *
 * Call: bc_conv2d_s8_thumb(p, x, w, channels, y, scratch), w_wide = 0.
 *   w         [out_c][taps] int8_t aligned to 4 bytes; taps = k_h * k_w * depth, with zeros up to a multiple of 4;
 *             not both of taps 2 * k and 2 * k + 1 are -128
 *   channels  [out_c][2]: bias, and the multiplier; the latter has bit 31 set where the filter's magnitudes sum to at
 *             most 255. With one more word, the shift, under TensorFlow Lite's rules.
 *   scratch   [taps][2] uint32_t: the four pixels, two in a word
 */
#ifndef BC_CONV2D_S8_THUMB_H
#define BC_CONV2D_S8_THUMB_H

#include "barecast/bc_filters_thumb.h"
#include "barecast/bc_window.h"
#include "barecast/conv2d.h"

/* n elements of one of the four pixels: from the input, or padding where `from` is null. */
static BC_INLINE void bc_conv2d_s8_thumb_put(
    const bc_conv2d_params *p, uint32_t *to, const int8_t *from, int32_t n, int32_t pixel)
{
    to += pixel / 2;
    if (!from) {
        bc_pairs_fill(to, p->x_zero, n, pixel & 1);
    } else if (pixel & 1) {
        bc_pairs_set_high(to, from, n);
    } else {
        bc_pairs_set_low(to, from, n);
    }
}

/* Gathers the window of one output pixel (its number in its image) for the group whose channels start at `first`. */
static BC_INLINE void bc_conv2d_s8_thumb_gather(
    const bc_conv2d_params *p, const int8_t *x, int32_t number, int32_t first, uint32_t *to, int32_t pixel)
{
    const int32_t depth = p->in_c / p->groups, row_size = p->k_w * depth;
    const int32_t row = number / p->out_w * p->stride_h - p->pad_top;
    const int32_t column = number % p->out_w * p->stride_w - p->pad_left;
    const int32_t padded = p->pad_left | p->pad_right;
    const int32_t first_w = padded ? bc_first_tap(column, p->dilation_w, p->k_w) : 0;
    const int32_t end_w = padded ? bc_end_tap(column, p->in_w, p->dilation_w, p->k_w) : p->k_w;
    for (int32_t r = 0; r < p->k_h; ++r, to += 2 * row_size) {
        const int32_t i = row + r * p->dilation_h;
        if (i < 0 || i >= p->in_h) {
            bc_conv2d_s8_thumb_put(p, to, 0, row_size, pixel);
            continue;
        }
        const int8_t *at = x + (i * p->in_w + column) * p->in_c + first;
        if (padded) {
            bc_conv2d_s8_thumb_put(p, to, 0, first_w * depth, pixel);
            bc_conv2d_s8_thumb_put(p, to + 2 * end_w * depth, 0, (p->k_w - end_w) * depth, pixel);
        }
        if (p->groups == 1 && p->dilation_w == 1) {
            bc_conv2d_s8_thumb_put(p, to + 2 * first_w * depth, at + first_w * depth, (end_w - first_w) * depth, pixel);
        } else {
            for (int32_t s = first_w; s < end_w; ++s) {
                bc_conv2d_s8_thumb_put(p, to + 2 * s * depth, at + s * p->dilation_w * p->in_c, depth, pixel);
            }
        }
    }
}

static BC_KERNEL void bc_conv2d_s8_thumb(
    const bc_conv2d_params *p, const int8_t *x, const int8_t *w, const int32_t *channels, int8_t *y, void *scratch)
{
    const int32_t taps = (p->k_h * p->k_w * (p->in_c / p->groups) + 3) / 4 * 4;
    const int32_t group_size = p->out_c / p->groups, pixels = p->out_h * p->out_w;
    const int32_t words = p->ties >= BC_TIES_TFLITE ? 3 : 2;
    uint32_t *const pairs = (uint32_t *)scratch;
    for (int32_t n = 0; n < p->batch; ++n) {
        for (int32_t number = 0; number < pixels; number += 4) {
            const int32_t count = pixels - number < 4 ? pixels - number : 4;
            const int8_t *filter = w;
            const int32_t *channel = channels;
            /* Beyond the last pixel it is taken again, and stored again in its place. */
            bc_filters_thumb_call call = {pairs,
                                          w,
                                          channels,
                                          y,
                                          y,
                                          taps,
                                          p->out_c * (count > 1 ? 1 : 0),
                                          p->out_c * (count > 2 ? 2 : count - 1),
                                          p->out_c * (count - 1),
                                          p->y_zero,
                                          p->y_min,
                                          p->y_max,
                                          0,
                                          0,
                                          0,
                                          0};
            for (int32_t g = 0; g < p->groups; ++g) {
                for (int32_t pixel = 0; pixel < 4; ++pixel) {
                    const int32_t which = number + (pixel < count ? pixel : count - 1);
                    bc_conv2d_s8_thumb_gather(p, x, which, g * (p->in_c / p->groups), pairs, pixel);
                }
                if (bc_filters_thumb_takes(p->shift, p->ties)) {
                    call.y = y + g * group_size;
                    call.end = call.y + group_size;
                    bc_filters_thumb(&call, p->shift, p->ties);
                    continue;
                }
                for (int32_t o = g * group_size; o < (g + 1) * group_size; ++o, filter += taps, channel += words) {
                    const int32_t multiplier = channel[1] & INT32_MAX;
                    const int32_t shift = words == 3 ? channel[2] : p->shift;
                    const bc_pairs_sums sums = bc_pairs_dot(pairs, filter, taps, channel[1] < 0, channel[0]);
                    for (int32_t pixel = 0; pixel < count; ++pixel) {
                        y[pixel * p->out_c + o] = bc_requantize_s8(sums.sum[pixel], multiplier, shift, p->ties,
                                                                   p->y_zero, p->y_min, p->y_max);
                    }
                }
            }
            y += count * p->out_c;
        }
        x += p->in_h * p->in_w * p->in_c;
    }
}

#endif
