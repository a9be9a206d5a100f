/* SPDX-License-Identifier: 0BSD */
/*
 * dwconv2d for the DSP extension, int8, 3x3 windows: blocks of up to two by two outputs of one channel.
 *
 * w, for each output channel: bias, `rescale` (sdk/barecast/layouts/dsp.py), then for each column of the window a word
 * of the bytes w0 w1 w1 w2, which SXTB16 expands to the pairs (w0, w1) and (w1, w2). scratch: a plane (bc_plane_dsp.h).
 *
 * Of a column of the plane, P holds rows 0 and 1 of a window and Q, below it, rows 2 and 3. One row of outputs is
 * P * (w0, w1) and Q.low * w2; with a stride of 1 the next one is P.high * w0 and Q * (w1, w2). The assembly has all of
 * a block's sums in registers, which compilers do not manage. Registers are named, all but sp and r7 (which may be the
 * frame's pointer).
 */
#ifndef BC_DWCONV2D_S8_K3X3_DSP_H
#define BC_DWCONV2D_S8_K3X3_DSP_H

#include "barecast/bc_plane_dsp.h"

typedef struct {
    int32_t bias;
    const int32_t *factor;
    int32_t upper[3], lower[3]; /* (w0, w1) and (w1, w2) of each column */
} bc_dwconv2d_k3x3_dsp_channel;

/* What the word in register x adds: P to the upper row of outputs, P to both rows, Q to the upper row, Q to both. */
#define BC_K3X3_P1(x, w, a) "smlad %[" a "], " x ", %[" w "], %[" a "]\n\t"
#define BC_K3X3_Q1(x, w, a) "smlabt %[" a "], " x ", %[" w "], %[" a "]\n\t"
#define BC_K3X3_P2(x, w, a, b) BC_K3X3_P1(x, w, a) "smlatb %[" b "], " x ", %[" w "], %[" b "]\n\t"
#define BC_K3X3_Q2(x, w, a, b) BC_K3X3_Q1(x, w, a) "smlad %[" b "], " x ", %[" w "], %[" b "]\n\t"

/*
 * acc[r][d] += what one row of pairs adds to rows x columns outputs: the upper one, P, or the lower one, Q, with the
 * pairs of weights w. *at is the first column, and goes on to the next block. columns = 2 only with stride_w <= 2,
 * rows = 2 only with stride_w = 1.
 */
static BC_INLINE void bc_dwconv2d_k3x3_dsp_half(
    const int32_t w[3], const int32_t **at, int32_t acc[2][2], int32_t rows, int32_t columns, int32_t stride_w,
    int32_t lower)
{
    register const int32_t *from __asm__("r11") = *at;
    register int32_t a __asm__("r0") = acc[0][0];
    register int32_t b __asm__("r1") = acc[1][0];
    register int32_t c __asm__("r2") = acc[0][1];
    register int32_t d __asm__("r3") = acc[1][1];
#define BC_K3X3_ASM_WITH(text, r0, r1, r2) \
    do { \
        register int32_t w0 __asm__(r0) = w[0]; \
        register int32_t w1 __asm__(r1) = w[1]; \
        register int32_t w2 __asm__(r2) = w[2]; \
        __asm__ volatile(text \
                         : [from] "+r"(from), [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [d] "+r"(d) \
                         : [w0] "r"(w0), [w1] "r"(w1), [w2] "r"(w2) \
                         : "r12", "lr", "memory"); \
    } while (0)
#define BC_K3X3_ASM(text) \
    if (lower) { \
        BC_K3X3_ASM_WITH(text, "r8", "r9", "r10"); \
    } else { \
        BC_K3X3_ASM_WITH(text, "r4", "r5", "r6"); \
    }
#define BC_K3X3_BOTH_ROWS_BOTH_COLUMNS(ADD) \
    BC_K3X3_ASM("ldrd r12, lr, [%[from]], #8\n\t" ADD("r12", "w0", "a", "b") ADD("lr", "w1", "a", "b") \
                ADD("lr", "w0", "c", "d") "ldrd r12, lr, [%[from]]\n\t" ADD("r12", "w2", "a", "b") \
                ADD("r12", "w1", "c", "d") ADD("lr", "w2", "c", "d"))
#define BC_K3X3_BOTH_COLUMNS(ADD) \
    BC_K3X3_ASM("ldrd r12, lr, [%[from]], #8\n\t" ADD("r12", "w0", "a") ADD("lr", "w1", "a") ADD("lr", "w0", "c") \
                "ldrd r12, lr, [%[from]]\n\t" ADD("r12", "w2", "a") ADD("r12", "w1", "c") ADD("lr", "w2", "c"))
#define BC_K3X3_BOTH_COLUMNS_STRIDE_2(ADD) \
    BC_K3X3_ASM("ldrd r12, lr, [%[from]], #8\n\t" ADD("r12", "w0", "a") ADD("lr", "w1", "a") \
                "ldrd r12, lr, [%[from]], #8\n\t" ADD("r12", "w2", "a") ADD("r12", "w0", "c") ADD("lr", "w1", "c") \
                "ldr r12, [%[from]]\n\t" ADD("r12", "w2", "c"))
#define BC_K3X3_BOTH_ROWS(ADD) \
    BC_K3X3_ASM("ldrd r12, lr, [%[from]]\n\t" ADD("r12", "w0", "a", "b") ADD("lr", "w1", "a", "b") \
                "ldr r12, [%[from], #8]\n\t" ADD("r12", "w2", "a", "b"))
#define BC_K3X3_ONE(ADD) \
    BC_K3X3_ASM("ldrd r12, lr, [%[from]]\n\t" ADD("r12", "w0", "a") ADD("lr", "w1", "a") \
                "ldr r12, [%[from], #8]\n\t" ADD("r12", "w2", "a"))
    if (rows == 2 && columns == 2) {
        if (lower) {
            BC_K3X3_BOTH_ROWS_BOTH_COLUMNS(BC_K3X3_Q2);
        } else {
            BC_K3X3_BOTH_ROWS_BOTH_COLUMNS(BC_K3X3_P2);
        }
    } else if (columns == 2 && stride_w == 1) {
        if (lower) {
            BC_K3X3_BOTH_COLUMNS(BC_K3X3_Q1);
        } else {
            BC_K3X3_BOTH_COLUMNS(BC_K3X3_P1);
        }
    } else if (columns == 2) {
        if (lower) {
            BC_K3X3_BOTH_COLUMNS_STRIDE_2(BC_K3X3_Q1);
        } else {
            BC_K3X3_BOTH_COLUMNS_STRIDE_2(BC_K3X3_P1);
        }
    } else if (rows == 2) {
        if (lower) {
            BC_K3X3_BOTH_ROWS(BC_K3X3_Q2);
        } else {
            BC_K3X3_BOTH_ROWS(BC_K3X3_P2);
        }
    } else if (lower) {
        BC_K3X3_ONE(BC_K3X3_Q1);
    } else {
        BC_K3X3_ONE(BC_K3X3_P1);
    }
#undef BC_K3X3_ASM_WITH
#undef BC_K3X3_ASM
    *at = columns == 2 ? from : from + stride_w;
    acc[0][0] = a;
    acc[1][0] = b;
    acc[0][1] = c;
    acc[1][1] = d;
}

/* acc[r][d] += the sums of a block; *p_at and *q_at are P and Q of its first column, and go on to the next block. */
static BC_INLINE void bc_dwconv2d_k3x3_dsp_sums(
    const bc_dwconv2d_k3x3_dsp_channel *w, const int32_t **p_at, const int32_t **q_at, int32_t acc[2][2], int32_t rows,
    int32_t columns, int32_t stride_w)
{
    bc_dwconv2d_k3x3_dsp_half(w->upper, p_at, acc, rows, columns, stride_w, 0);
    bc_dwconv2d_k3x3_dsp_half(w->lower, q_at, acc, rows, columns, stride_w, 1);
}

static BC_INLINE int8_t bc_dwconv2d_k3x3_dsp_out(
    const bc_dwconv2d_params *p, const bc_dwconv2d_k3x3_dsp_channel *w, int32_t acc)
{
    const int32_t y = bc_dsp_rescale(acc, 0, w->factor, p->shift, p->ties, p->y_zero);
    return (int8_t)bc_dsp_clamp(y, p->y_min, p->y_max);
}

/* One block of outputs at y. */
static BC_INLINE void bc_dwconv2d_k3x3_dsp_block(
    const bc_dwconv2d_params *p, const bc_dwconv2d_k3x3_dsp_channel *w, const int32_t **p_at, const int32_t **q_at,
    int8_t *y, int32_t rows, int32_t columns)
{
    int32_t acc[2][2] = {{w->bias, w->bias}, {w->bias, w->bias}};
    bc_dwconv2d_k3x3_dsp_sums(w, p_at, q_at, acc, rows, columns, p->stride_w);
    for (int32_t r = 0; r < rows; ++r) {
        for (int32_t d = 0; d < columns; ++d) {
            acc[r][d] = bc_dwconv2d_k3x3_dsp_out(p, w, acc[r][d]);
        }
    }
    for (int32_t r = 0; r < rows; ++r) {
        for (int32_t d = 0; d < columns; ++d) {
            y[(r * p->out_w + d) * p->out_c] = (int8_t)acc[r][d];
        }
    }
}

/* One or two rows of outputs. */
static BC_INLINE void bc_dwconv2d_k3x3_dsp_rows(
    const bc_dwconv2d_params *p, const bc_dwconv2d_k3x3_dsp_channel *w, const int32_t *at, int8_t *y, int32_t rows)
{
    const int32_t columns = p->stride_w <= 2 ? 2 : 1;
    const int32_t *below = at + bc_plane_dsp_width(p);
    for (int32_t j = 0; j < p->out_w / columns; ++j) {
        bc_dwconv2d_k3x3_dsp_block(p, w, &at, &below, y, rows, columns);
        y += columns * p->out_c;
    }
    if (p->out_w % columns != 0) {
        bc_dwconv2d_k3x3_dsp_block(p, w, &at, &below, y, rows, 1);
    }
}

static BC_KERNEL void bc_dwconv2d_s8_k3x3_dsp(
    const bc_dwconv2d_params *p, const int8_t *x, const int32_t *w, int8_t *y, void *scratch)
{
    int32_t *plane = (int32_t *)scratch;
    /* Two rows at a time only where they share words. */
    const int32_t rows = p->stride_h == 1 ? 2 : 1, blocks = p->out_h / rows;
    const int32_t words = BC_DSP_FACTOR_WORDS(p->ties);
    bc_plane_dsp_clear(p, plane);
    for (int32_t n = 0; n < p->batch; ++n) {
        const int32_t *channel = w;
        for (int32_t o = 0; o < p->out_c; ++o) {
            if (o % p->depth_multiplier == 0) {
                bc_plane_dsp_fill(p, plane, x + o / p->depth_multiplier);
            }
            const int32_t *taps = channel + 1 + words;
            const bc_dwconv2d_k3x3_dsp_channel now = {
                channel[0],
                channel + 1,
                {bc_even_pair(taps[0]), bc_even_pair(taps[1]), bc_even_pair(taps[2])},
                {bc_odd_pair(taps[0]), bc_odd_pair(taps[1]), bc_odd_pair(taps[2])},
            };
            const int32_t *at = plane;
            int8_t *to = y + o;
            for (int32_t i = 0; i < blocks; ++i) {
                bc_dwconv2d_k3x3_dsp_rows(p, &now, at, to, rows);
                at += bc_plane_dsp_width(p);
                to += rows * p->out_w * p->out_c;
            }
            if (p->out_h > blocks * rows) {
                bc_dwconv2d_k3x3_dsp_rows(p, &now, at, to, 1);
            }
            channel = taps + 3;
        }
        x += p->in_h * p->in_w * p->in_c;
        y += p->out_h * p->out_w * p->out_c;
    }
}

#endif
