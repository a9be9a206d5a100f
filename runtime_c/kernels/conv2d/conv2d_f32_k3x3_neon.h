/* SPDX-License-Identifier: 0BSD */
/*
 * conv2d with NEON, float32, 3x3 with steps of 1, no groups: 16 products for 36 (Winograd's F(2x2, 3x3)).
 * Call: bc_conv2d_f32_k3x3_neon(p, x, w, bias, y, scratch).
 *
 * A tile of 2 x 2 results comes from a patch d of 4 x 4 pixels: A^T [ (G g G^T) * (B^T d B) ] A, element by element.
 * Each of the 16 elements is a product of matrices over the channels, tiles by outputs, as of a 1x1 convolution.
 * w: G g G^T, [16][tiles of bc_tile_f32_neon.h with depth in_c].
 *
 * scratch: four lines of x, which two rows of results need, with their padding; out_c zeros; then of up to
 * BC_WINOGRAD_TILES tiles the transformed patches, [16][tiles][in_c], and the products, [16][tiles][out_c]. in_c and
 * out_c are whole fours.
 */
#ifndef BC_CONV2D_F32_K3X3_NEON_H
#define BC_CONV2D_F32_K3X3_NEON_H

#include "barecast/bc_f32_neon.h"
#include "barecast/bc_floats_neon.h"
#include "barecast/conv2d.h"

#define BC_WINOGRAD_TILES 16

typedef struct {
    float32x4_t a, b, c, d;
} bc_winograd_four;

/* B^T times a column: d0 - d2, d1 + d2, d2 - d1, d1 - d3. */
static BC_INLINE bc_winograd_four bc_winograd_in(float32x4_t a, float32x4_t b, float32x4_t c, float32x4_t d)
{
    const bc_winograd_four four = {vsubq_f32(a, c), vaddq_f32(b, c), vsubq_f32(c, b), vsubq_f32(b, d)};
    return four;
}

static BC_INLINE void bc_winograd_put(float *v, int64_t apart, bc_winograd_four four)
{
    vst1q_f32(v, four.a);
    vst1q_f32(v + apart, four.b);
    vst1q_f32(v + 2 * apart, four.c);
    vst1q_f32(v + 3 * apart, four.d);
}

/* The patch at x, lines `line` and pixels `channels` numbers apart, to 16 places from v on, `apart` numbers apart. */
static BC_INLINE void bc_winograd_patch(const float *x, int64_t line, int64_t channels, float *v, int64_t apart)
{
    const float *x1 = x + line, *x2 = x1 + line, *x3 = x2 + line;
    float *v1 = v + 4 * apart, *v2 = v1 + 4 * apart, *v3 = v2 + 4 * apart;
    for (const float *const end = x + channels; x < end;) {
        bc_winograd_four column[4];
        for (int32_t j = 0; j < 4; ++j) {
            const int64_t at = j * channels;
            column[j] =
                bc_winograd_in(vld1q_f32(x + at), vld1q_f32(x1 + at), vld1q_f32(x2 + at), vld1q_f32(x3 + at));
        }
        const bc_winograd_four a = bc_winograd_in(column[0].a, column[1].a, column[2].a, column[3].a);
        const bc_winograd_four b = bc_winograd_in(column[0].b, column[1].b, column[2].b, column[3].b);
        const bc_winograd_four c = bc_winograd_in(column[0].c, column[1].c, column[2].c, column[3].c);
        const bc_winograd_four d = bc_winograd_in(column[0].d, column[1].d, column[2].d, column[3].d);
        bc_winograd_put(v, apart, a);
        bc_winograd_put(v1, apart, b);
        bc_winograd_put(v2, apart, c);
        bc_winograd_put(v3, apart, d);
        x += 4;
        x1 += 4;
        x2 += 4;
        x3 += 4;
        v += 4;
        v1 += 4;
        v2 += 4;
        v3 += 4;
    }
}

/* The two results of a row of A^T m: t0 + t1 + t2 and t1 - t2 - t3, of which the second may not exist. */
static BC_INLINE void bc_winograd_pair(
    float *y, int32_t pixel, int32_t columns, const float32x4_t t[4], float32x4_t bias, float32x4_t low,
    float32x4_t high)
{
    const float32x4_t left = vaddq_f32(vaddq_f32(t[0], t[1]), vaddq_f32(t[2], bias));
    vst1q_f32(y, vminq_f32(vmaxq_f32(left, low), high));
    if (columns > 1) {
        const float32x4_t right = vaddq_f32(vsubq_f32(t[1], t[2]), vsubq_f32(bias, t[3]));
        vst1q_f32(y + pixel, vminq_f32(vmaxq_f32(right, low), high));
    }
}

/* All channels of the 2 x 2 results of the products at m: rows and columns of them that exist, 1 or 2. */
static BC_INLINE void bc_winograd_results(
    const float *m, int64_t apart, const float *bias, float *y, int32_t channels, int32_t line, int32_t rows,
    int32_t columns, const bc_f32_neon_bounds *bounds)
{
    const float32x4_t low = vld1q_f32(bounds->low), high = vld1q_f32(bounds->high);
    for (int32_t o = 0; o < channels; o += 4) {
        const float32x4_t four = vld1q_f32(bias + o);
        float32x4_t top[4], bottom[4];
        for (int32_t j = 0; j < 4; ++j) {
            const float *const at = m + j * apart + o;
            const float32x4_t second = vld1q_f32(at + 4 * apart), third = vld1q_f32(at + 8 * apart);
            top[j] = vaddq_f32(vaddq_f32(vld1q_f32(at), second), third);
            bottom[j] = vsubq_f32(vsubq_f32(second, third), vld1q_f32(at + 12 * apart));
        }
        bc_winograd_pair(y + o, channels, columns, top, four, low, high);
        if (rows > 1) {
            bc_winograd_pair(y + line + o, channels, columns, bottom, four, low, high);
        }
    }
}

/* Tiles of a row of tiles that are taken together. */
static BC_INLINE int32_t bc_winograd_together(const bc_conv2d_params *p)
{
    const int32_t tiles = (p->out_w + 1) / 2;
    return tiles < BC_WINOGRAD_TILES ? tiles : BC_WINOGRAD_TILES;
}

/* `count` neighbouring tiles, from the patch at x on, to y: `rows` of results, and `columns` of them in all tiles. */
BC_F32_NEON_SHARED void bc_winograd_tiles(
    const bc_conv2d_params *p, bc_f32_neon_layer *product, const bc_f32_neon_bounds *bounds, const float *x,
    int32_t line, int32_t count, const float *w, const float *bias, float *y, int32_t rows, int32_t columns, float *v)
{
    const int64_t from = (int64_t)bc_winograd_together(p) * p->in_c, to = (int64_t)bc_winograd_together(p) * p->out_c;
    float *const m = v + 16 * from;
    for (int32_t t = 0; t < count; ++t) {
        bc_winograd_patch(x + 2 * t * p->in_c, line, p->in_c, v + t * p->in_c, from);
    }
    for (int32_t k = 0; k < 16; ++k) {
        product->w = w + (int64_t)k * p->in_c * p->out_c;
        bc_f32_neon_rows(product, v + k * from, count, m + k * to);
    }
    for (int32_t t = 0; t < count; ++t) {
        const int32_t there = columns - 2 * t < 2 ? 1 : 2;
        bc_winograd_results(m + t * p->out_c, to, bias, y + 2 * t * p->out_c, p->out_c, p->out_w * p->out_c, rows,
                            there, bounds);
    }
}

/* Four lines of x from `first` on, with their padding, `line` numbers each. */
BC_F32_NEON_SHARED void bc_winograd_lines(
    const bc_conv2d_params *p, float *to, const float *x, int32_t first, int32_t line)
{
    for (int32_t r = first; r < first + 4; ++r) {
        float *const end = to + line;
        if (r >= 0 && r < p->in_h) {
            to = bc_f32_neon_zeros(to, p->pad_left * p->in_c);
            to = bc_f32_neon_copy(to, x + r * p->in_w * p->in_c, p->in_w * p->in_c);
        }
        to = bc_f32_neon_zeros(to, (int32_t)(end - to));
    }
}

static BC_KERNEL void bc_conv2d_f32_k3x3_neon(
    const bc_conv2d_params *p, const float *x, const float *w, const float *bias, float *y, void *scratch)
{
    const int32_t together = bc_winograd_together(p), tiles = (p->out_w + 1) / 2;
    const int32_t line = (2 * tiles + 2) * p->in_c;
    float *const lines = (float *)scratch, *const none = lines + 4 * line, *const v = none + p->out_c;
    const bc_f32_neon_bounds bounds = bc_f32_neon_bounds_of(p->y_min_f, p->y_max_f);
    bc_f32_neon_layer product = bc_f32_neon_layer_of(w, none, 1, p->in_c, 0, p->out_c, -FLT_MAX, FLT_MAX);
    bc_f32_neon_zeros(none, p->out_c);
    for (int32_t n = 0; n < p->batch; ++n) {
        for (int32_t i = 0; i < p->out_h; i += 2) {
            const int32_t rows = p->out_h - i < 2 ? 1 : 2;
            bc_winograd_lines(p, lines, x, i - p->pad_top, line);
            for (int32_t t = 0; t < tiles; t += together) {
                const int32_t count = tiles - t < together ? tiles - t : together;
                bc_winograd_tiles(p, &product, &bounds, lines + 2 * t * p->in_c, line, count, w, bias,
                                  y + (i * p->out_w + 2 * t) * p->out_c, rows, p->out_w - 2 * t, v);
            }
        }
        x += p->in_h * p->in_w * p->in_c;
        y += p->out_h * p->out_w * p->out_c;
    }
}

#endif
