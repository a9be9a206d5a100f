/* SPDX-License-Identifier: 0BSD */
/*
 * dwconv2d for the DSP extension, 8-bit weights, 3x3 windows: blocks of up to two by two outputs of one channel.
 *
 * w, for each output channel: bias, `rescale` (sdk/barecast/layouts/dsp.py), then for each column of the window a word
 * of the bytes w0 w1 w1 w2, which SXTB16 expands to the pairs (w0, w1) and (w1, w2). scratch: a plane, in bands
 * (bc_plane_dsp.h).
 *
 * Of a column of the plane, P holds rows 0 and 1 of a window and Q, below it, rows 2 and 3. One row of outputs is
 * P * (w0, w1) and Q.low * w2; with a stride of 1 the next one is P.high * w0 and Q * (w1, w2), with a stride of 2 it
 * begins with Q * (w0, w1). The assembly has all of a block's sums in registers, which compilers do not manage.
 * Registers are named, all but sp and r7 (which may be the frame's pointer).
 */
#ifndef BC_DWCONV2D_K3X3_DSP_H
#define BC_DWCONV2D_K3X3_DSP_H

#include "barecast/bc_plane_dsp.h"

typedef struct {
    int32_t bias;
    const int32_t *factor;
    int32_t upper[3], lower[3]; /* (w0, w1) and (w1, w2) of each column */
} bc_dwconv2d_k3x3_dsp_channel;

/*
 * What a word of the plane adds to the sums of a column of outputs, a above b. One row of outputs: its upper word or
 * its lower one. Two rows with stride 1: the words P and Q. Two rows with stride 2: the word between the two.
 */
#define BC_K3X3_UPPER(x, s, a, b) "smlad %[" a "], " x ", %[u" s "], %[" a "]\n\t"
#define BC_K3X3_LOWER(x, s, a, b) "smlabt %[" a "], " x ", %[l" s "], %[" a "]\n\t"
#define BC_K3X3_P(x, s, a, b) BC_K3X3_UPPER(x, s, a, b) "smlatb %[" b "], " x ", %[u" s "], %[" b "]\n\t"
#define BC_K3X3_Q(x, s, a, b) BC_K3X3_LOWER(x, s, a, b) "smlad %[" b "], " x ", %[l" s "], %[" b "]\n\t"
#define BC_K3X3_BETWEEN(x, s, a, b) BC_K3X3_LOWER(x, s, a, b) BC_K3X3_UPPER(x, s, b, a)
#define BC_K3X3_LAST(x, s, a, b) BC_K3X3_LOWER(x, s, b, a)

/* A row of the plane, for two columns of outputs with stride 1 or 2, or for one. */
#define BC_K3X3_TWO(ADD) \
    "ldrd r12, lr, [%[from]]\n\t" ADD("r12", "0", "a", "b") ADD("lr", "1", "a", "b") ADD("lr", "0", "c", "d") \
        "ldrd r12, lr, [%[from], #8]\n\t" ADD("r12", "2", "a", "b") ADD("r12", "1", "c", "d") ADD("lr", "2", "c", "d")
#define BC_K3X3_TWO_APART(ADD) \
    "ldrd r12, lr, [%[from]]\n\t" ADD("r12", "0", "a", "b") ADD("lr", "1", "a", "b") \
        "ldrd r12, lr, [%[from], #8]\n\t" ADD("r12", "2", "a", "b") ADD("r12", "0", "c", "d") \
            ADD("lr", "1", "c", "d") "ldr r12, [%[from], #16]\n\t" ADD("r12", "2", "c", "d")
#define BC_K3X3_ONE(ADD) \
    "ldrd r12, lr, [%[from]]\n\t" ADD("r12", "0", "a", "b") ADD("lr", "1", "a", "b") \
        "ldr r12, [%[from], #8]\n\t" ADD("r12", "2", "a", "b")

/* The first row of two by two outputs with strides of 1: b, c and d begin with what a begins with. */
#define BC_K3X3_START \
    "ldrd r12, lr, [%[from]]\n\t" \
    "smlatb %[d], lr, %[u0], %[a]\n\t" \
    "smlad %[c], lr, %[u0], %[a]\n\t" \
    "smlatb %[b], r12, %[u0], %[a]\n\t" \
    "smlad %[a], r12, %[u0], %[a]\n\t" \
    BC_K3X3_P("lr", "1", "a", "b") \
    "ldrd r12, lr, [%[from], #8]\n\t" BC_K3X3_P("r12", "2", "a", "b") BC_K3X3_P("r12", "1", "c", "d") \
        BC_K3X3_P("lr", "2", "c", "d")

/*
 * acc[r][d] += the sums of a block of rows x columns outputs, whose first word in the plane is *at; all acc are equal.
 * columns = 2 only with stride_w = 1 or 2.
 */
static BC_INLINE void bc_dwconv2d_k3x3_dsp_sums(
    const bc_dwconv2d_params *p, const bc_dwconv2d_k3x3_dsp_channel *w, const int32_t *at, int32_t acc[2][2],
    int32_t rows, int32_t columns)
{
    const int32_t width = bc_plane_dsp_width(p);
    register const int32_t *from __asm__("r11") = at;
    register int32_t a __asm__("r0") = acc[0][0];
    register int32_t b __asm__("r1") = acc[1][0];
    register int32_t c __asm__("r2") = acc[0][1];
    register int32_t d __asm__("r3") = acc[1][1];
    register int32_t u0 __asm__("r4") = w->upper[0];
    register int32_t u1 __asm__("r5") = w->upper[1];
    register int32_t u2 __asm__("r6") = w->upper[2];
    register int32_t l0 __asm__("r8") = w->lower[0];
    register int32_t l1 __asm__("r9") = w->lower[1];
    register int32_t l2 __asm__("r10") = w->lower[2];
#define BC_K3X3_ASM(text) \
    __asm__ volatile(text \
                     : [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [d] "+r"(d) \
                     : [from] "r"(from), [u0] "r"(u0), [u1] "r"(u1), [u2] "r"(u2), [l0] "r"(l0), [l1] "r"(l1), \
                       [l2] "r"(l2) \
                     : "r12", "lr", "memory")
#define BC_K3X3_ROW(ADD) \
    do { \
        if (columns == 1) { \
            BC_K3X3_ASM(BC_K3X3_ONE(ADD)); \
        } else if (p->stride_w == 1) { \
            BC_K3X3_ASM(BC_K3X3_TWO(ADD)); \
        } else { \
            BC_K3X3_ASM(BC_K3X3_TWO_APART(ADD)); \
        } \
    } while (0)
    if (rows == 1) {
        BC_K3X3_ROW(BC_K3X3_UPPER);
        from += width;
        BC_K3X3_ROW(BC_K3X3_LOWER);
    } else if (p->stride_h == 1 && p->stride_w == 1 && columns == 2) {
        __asm__ volatile(BC_K3X3_START
                         : [a] "+r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d)
                         : [from] "r"(from), [u0] "r"(u0), [u1] "r"(u1), [u2] "r"(u2)
                         : "r12", "lr", "memory");
        from += width;
        BC_K3X3_ROW(BC_K3X3_Q);
    } else if (p->stride_h == 1) {
        BC_K3X3_ROW(BC_K3X3_P);
        from += width;
        BC_K3X3_ROW(BC_K3X3_Q);
    } else {
        BC_K3X3_ROW(BC_K3X3_UPPER);
        from += width;
        BC_K3X3_ROW(BC_K3X3_BETWEEN);
        from += width;
        BC_K3X3_ROW(BC_K3X3_LAST);
    }
#undef BC_K3X3_ROW
#undef BC_K3X3_ASM
    acc[0][0] = a;
    acc[1][0] = b;
    acc[0][1] = c;
    acc[1][1] = d;
}

/* One block of outputs at y. */
static BC_INLINE void bc_dwconv2d_k3x3_dsp_block(
    const bc_dwconv2d_params *p, const bc_dwconv2d_k3x3_dsp_channel *w, const int32_t *at, int8_t *y, int32_t rows,
    int32_t columns, int32_t bytes)
{
    int32_t acc[2][2] = {{w->bias, w->bias}, {w->bias, w->bias}};
    bc_dwconv2d_k3x3_dsp_sums(p, w, at, acc, rows, columns);
    /* All before the first store, which could change the factors for all that a compiler knows. */
    const int32_t y00 = bc_plane_dsp_out(p, w->factor, acc[0][0], bytes);
    const int32_t y01 = bc_plane_dsp_out(p, w->factor, acc[0][1], bytes);
    const int32_t y10 = bc_plane_dsp_out(p, w->factor, acc[1][0], bytes);
    const int32_t y11 = bc_plane_dsp_out(p, w->factor, acc[1][1], bytes);
    bc_plane_dsp_store(y, bc_plane_dsp_steps_of(p, bytes), y00, y01, y10, y11, rows, columns, bytes);
}

/* One or two rows of outputs. */
static BC_INLINE void bc_dwconv2d_k3x3_dsp_rows(
    const bc_dwconv2d_params *p, const bc_dwconv2d_k3x3_dsp_channel *w, const int32_t *at, int8_t *y, int32_t rows,
    int32_t bytes)
{
    const int32_t columns = p->stride_w <= 2 ? 2 : 1;
    for (int32_t j = 0; j < p->out_w / columns; ++j) {
        bc_dwconv2d_k3x3_dsp_block(p, w, at, y, rows, columns, bytes);
        at += columns * p->stride_w;
        y += columns * p->out_c * bytes;
    }
    if (p->out_w % columns != 0) {
        bc_dwconv2d_k3x3_dsp_block(p, w, at, y, rows, 1, bytes);
    }
}

/* The rows of outputs of one channel from the plane at `at`. */
static BC_INLINE void bc_dwconv2d_k3x3_dsp_outputs(
    const bc_dwconv2d_params *p, const int32_t *channel, const int32_t *at, int8_t *y, int32_t rows, int32_t bytes)
{
    const int32_t *taps = channel + 1 + BC_DSP_FACTOR_WORDS(p->ties);
    const bc_dwconv2d_k3x3_dsp_channel now = {
        channel[0],
        channel + 1,
        {bc_even_pair(taps[0]), bc_even_pair(taps[1]), bc_even_pair(taps[2])},
        {bc_odd_pair(taps[0]), bc_odd_pair(taps[1]), bc_odd_pair(taps[2])},
    };
    for (; rows >= 2; rows -= 2) {
        bc_dwconv2d_k3x3_dsp_rows(p, &now, at, y, 2, bytes);
        at += p->stride_h * bc_plane_dsp_width(p);
        y += 2 * p->out_w * p->out_c * bytes;
    }
    if (p->out_h % 2 != 0 && rows > 0) {
        bc_dwconv2d_k3x3_dsp_rows(p, &now, at, y, 1, bytes);
    }
}

/* x and y as bytes, of numbers of one or two bytes. */
static BC_INLINE void bc_dwconv2d_k3x3_dsp(
    const bc_dwconv2d_params *p, const int8_t *x, const int32_t *w, int8_t *y, int32_t *plane, int32_t bytes)
{
    const int32_t words = 1 + BC_DSP_FACTOR_WORDS(p->ties) + 3, band = bc_plane_dsp_band(p);
    const bc_plane_dsp_steps steps = bc_plane_dsp_steps_of(p, bytes);
    const int32_t height = bc_plane_dsp_height_of(p, band), bands = band < p->out_h;
    bc_plane_dsp_clear(p, plane, height);
    for (int32_t n = 0; n < p->batch; ++n) {
        const int32_t *channel = w;
        for (int32_t c = 0; c < p->in_c; ++c) {
#pragma GCC unroll 1
            for (int32_t first = 0; first < p->out_h; first += band) {
                const int32_t rows = p->out_h - first < band ? p->out_h - first : band;
                int8_t *to = y + first * p->out_w * p->out_c * bytes;
                bc_plane_dsp_fill(p, plane, x + c * bytes, steps, first, height, bands, bytes);
                for (int32_t m = 0; m < p->depth_multiplier; ++m) {
                    const int32_t o = c * p->depth_multiplier + m;
                    bc_dwconv2d_k3x3_dsp_outputs(p, channel + m * words, plane, to + o * bytes, rows, bytes);
                }
            }
            channel += p->depth_multiplier * words;
        }
        x += p->in_h * p->in_w * p->in_c * bytes;
        y += p->out_h * p->out_w * p->out_c * bytes;
    }
}

#endif
