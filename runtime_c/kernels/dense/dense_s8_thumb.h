/* SPDX-License-Identifier: 0BSD */
/*
 * dense for cores without SIMD instructions, int8: eight outputs at a time share the loads of x.
 *
 * Weights are stored with 128 added, so that Armv6-M loads them by LDRB, which takes an offset and needs no extension:
 * sum of w * x = sum of (w + 128) * x - 128 * sum of x, and the last is the same for all outputs of a row.
 *
 * Call: bc_dense_s8_thumb(p, x, w, channels, y), w_wide = 0.
 *   w         [ceil(out_c / 8)][in_c][8] uint8_t: weight + 128 of eight outputs for each input
 *   channels  [out_c][2]: bias and multiplier; with one more word, the shift, under TensorFlow Lite's rules
 */
#ifndef BC_DENSE_S8_THUMB_H
#define BC_DENSE_S8_THUMB_H

#include "barecast/bc_math.h"
#include "barecast/dense.h"

/* sums[j] += sum over k < n of x[k] * w[k][j], j < 8. */
static BC_INLINE void bc_dense_s8_thumb_dot8_c(const int8_t *x, const uint8_t *w, int32_t n, int32_t sums[8])
{
    int32_t a = sums[0], b = sums[1], c = sums[2], d = sums[3], e = sums[4], f = sums[5], g = sums[6], h = sums[7];
    for (const int8_t *end = x + n; x != end; w += 8) {
        const int32_t value = *x++;
        a += value * w[0];
        b += value * w[1];
        c += value * w[2];
        d += value * w[3];
        e += value * w[4];
        f += value * w[5];
        g += value * w[6];
        h += value * w[7];
    }
    sums[0] = a;
    sums[1] = b;
    sums[2] = c;
    sums[3] = d;
    sums[4] = e;
    sums[5] = f;
    sums[6] = g;
    sums[7] = h;
}

#if defined(BC_ASSEMBLY_THUMB1) || defined(BC_ASSEMBLY_THUMB2)
/* The same for n a multiple of 4 and not 0. Four of the sums lie in high registers, which Armv6-M can only add to. */
static BC_OUTLINE void bc_dense_s8_thumb_dot8_asm(const int8_t *x, const uint8_t *w, int32_t n, int32_t sums[8])
{
    register const int8_t *at __asm__("r0") = x;
    register const uint8_t *weight __asm__("r1") = w;
    register const int8_t *end __asm__("lr") = x + n;
    register int32_t sum0 __asm__("r4") = sums[0];
    register int32_t sum1 __asm__("r5") = sums[1];
    register int32_t sum2 __asm__("r6") = sums[2];
    register int32_t sum3 __asm__("r7") = sums[3];
    register int32_t sum4 __asm__("r8") = sums[4];
    register int32_t sum5 __asm__("r9") = sums[5];
    register int32_t sum6 __asm__("r10") = sums[6];
    register int32_t sum7 __asm__("r11") = sums[7];
#if defined(BC_ASSEMBLY_THUMB1)
#define BC_DENSE_X(k) "ldrb r2, [r0, #" k "]\n\tsxtb r2, r2\n\t"
#define BC_DENSE_MAC(offset, sum) "ldrb r3, [r1, #" offset "]\n\tmuls r3, r2, r3\n\tadd " sum ", r3\n\t"
#else
#define BC_DENSE_X(k) "ldrsb r2, [r0, #" k "]\n\t"
#define BC_DENSE_MAC(offset, sum) "ldrb r3, [r1, #" offset "]\n\tmla " sum ", r3, r2, " sum "\n\t"
#endif
#define BC_DENSE_INPUT(k, a, b, c, d, e, f, g, h) \
    BC_DENSE_X(k) \
    BC_DENSE_MAC(a, "r4") BC_DENSE_MAC(b, "r5") BC_DENSE_MAC(c, "r6") BC_DENSE_MAC(d, "r7") \
    BC_DENSE_MAC(e, "r8") BC_DENSE_MAC(f, "r9") BC_DENSE_MAC(g, "r10") BC_DENSE_MAC(h, "r11")
    __asm__(
        ".syntax unified\n"
        "1:\n\t"
        BC_DENSE_INPUT("0", "0", "1", "2", "3", "4", "5", "6", "7")
        BC_DENSE_INPUT("1", "8", "9", "10", "11", "12", "13", "14", "15")
        BC_DENSE_INPUT("2", "16", "17", "18", "19", "20", "21", "22", "23")
        BC_DENSE_INPUT("3", "24", "25", "26", "27", "28", "29", "30", "31")
        "adds r1, r1, #32\n\t"
        "adds r0, r0, #4\n\t"
        "cmp r0, %[end]\n\t"
        "bne 1b\n"
        : "+r"(at), "+r"(weight), "+r"(sum0), "+r"(sum1), "+r"(sum2), "+r"(sum3), "+r"(sum4), "+r"(sum5), "+r"(sum6),
          "+r"(sum7)
        : [end] "r"(end)
        : "r2", "r3", "cc", "memory");
#undef BC_DENSE_INPUT
#undef BC_DENSE_MAC
#undef BC_DENSE_X
    sums[0] = sum0;
    sums[1] = sum1;
    sums[2] = sum2;
    sums[3] = sum3;
    sums[4] = sum4;
    sums[5] = sum5;
    sums[6] = sum6;
    sums[7] = sum7;
}
#endif

static BC_INLINE void bc_dense_s8_thumb_dot8(const int8_t *x, const uint8_t *w, int32_t n, int32_t sums[8])
{
    int32_t done = 0;
#if defined(BC_ASSEMBLY_THUMB1) || defined(BC_ASSEMBLY_THUMB2)
    done = n / 4 * 4;
    if (done) {
        bc_dense_s8_thumb_dot8_asm(x, w, done, sums);
    }
#endif
    bc_dense_s8_thumb_dot8_c(x + done, w + 8 * done, n - done, sums);
}

static BC_KERNEL void bc_dense_s8_thumb(
    const bc_dense_params *p, const int8_t *x, const uint8_t *w, const int32_t *channels, int8_t *y)
{
    const int32_t words = p->ties >= BC_TIES_TFLITE ? 3 : 2;
    for (int32_t m = 0; m < p->rows; ++m) {
        const uint8_t *filter = w;
        const int32_t *channel = channels;
        int32_t excess = 0;
        for (int32_t k = 0; k < p->in_c; ++k) {
            excess += x[k];
        }
        excess *= 128;
        for (int32_t o = 0; o < p->out_c; o += 8, filter += 8 * p->in_c) {
            const int32_t count = p->out_c - o < 8 ? p->out_c - o : 8;
            int32_t sums[8] = {0, 0, 0, 0, 0, 0, 0, 0};
            bc_dense_s8_thumb_dot8(x, filter, p->in_c, sums);
            for (int32_t j = 0; j < count; ++j, channel += words) {
                const int32_t shift = words == 3 ? channel[2] : p->shift;
                *y++ = bc_requantize_s8(sums[j] - excess + channel[0], channel[1], shift, p->ties, p->y_zero, p->y_min,
                                        p->y_max);
            }
        }
        x += p->in_c;
    }
}

#endif
