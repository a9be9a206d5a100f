/* SPDX-License-Identifier: 0BSD */
/*
 * What the kernels for Arm cores with the DSP extension (Cortex-M4, M7, M33) share: one function a instruction,
 * and the way out of the accumulator. GNU inline assembly, for gcc and clang.
 *
 * A pair is a word of two int16_t: the operand of SMLAD, which makes two products. Accumulators wrap around
 * like the instructions do.
 */
#ifndef BC_DSP_H
#define BC_DSP_H

#include "barecast/bc_bytes.h"
#include "barecast/bc_math.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the kernels for the DSP extension want a little-endian core: they load bytes in words"
#endif

/*
 * What a kernel computes, a constant of its code. S8_PAIRED, S16: sums of 32 bits, out of which bc_dsp_rescale leads
 * (the packer has made sure); S8_PAIRED has two outputs in one sum (bc_tile_dsp.h). S8_ANY: bc_dsp_rescale_any.
 * S16_ANY: sums of 64 bits, bc_requantize_s16.
 */
enum { BC_DSP_S8_PAIRED, BC_DSP_S8_ANY, BC_DSP_S16, BC_DSP_S16_ANY };

/* Bytes of a number of x and y. */
#define BC_DSP_BYTES(kind) ((kind) >= BC_DSP_S16 ? 2 : 1)

/* The rule under which the packer writes factors of 32 bits: one of 64-bit accumulators rounds once, too. */
#define BC_DSP_TIES(ties) ((ties) == BC_TIES_TFLITE_WIDE ? (int32_t)BC_TIES_TFLITE_SINGLE : (ties))

/*
 * How inline assembly calls a naked function that takes registers of its own: by its name. GCC takes no name in
 * position-independent code, so there the address is in r12. Each of these functions loses r12. The declaration
 * comes just before the assembly.
 */
#if defined(__PIC__)
#define BC_DSP_CALLEE(function) register void (*r12)(void) __asm__("r12") = function
#define BC_DSP_BRANCH "blx r12"
#define BC_DSP_R12 "+r"(r12)
#define BC_DSP_NAME(function) "i"(0)
#else
#define BC_DSP_CALLEE(function) register int32_t r12 __asm__("r12")
#define BC_DSP_BRANCH "bl %c[callee]"
#define BC_DSP_R12 "=r"(r12)
#define BC_DSP_NAME(function) [callee] "i"(function)
#endif

/* Four int8_t (two int16_t) from any address: these cores load unaligned words. */
static BC_INLINE int32_t bc_load4(const int8_t *from)
{
    int32_t word;
    BC_COPY(&word, from, 4);
    return word;
}

/* Bytes 0 and 2 as a pair. */
static BC_INLINE int32_t bc_even_pair(int32_t word)
{
    int32_t pair;
    __asm__("sxtb16 %0, %1" : "=r"(pair) : "r"(word));
    return pair;
}

/* Bytes 1 and 3 as a pair. */
static BC_INLINE int32_t bc_odd_pair(int32_t word)
{
    int32_t pair;
    __asm__("sxtb16 %0, %1, ror #8" : "=r"(pair) : "r"(word));
    return pair;
}

/* A pair plus bytes 0 and 2. */
static BC_INLINE int32_t bc_add_even(int32_t pair, int32_t word)
{
    int32_t sums;
    __asm__("sxtab16 %0, %1, %2" : "=r"(sums) : "r"(pair), "r"(word));
    return sums;
}

/* A pair plus bytes 1 and 3. */
static BC_INLINE int32_t bc_add_odd(int32_t pair, int32_t word)
{
    int32_t sums;
    __asm__("sxtab16 %0, %1, %2, ror #8" : "=r"(sums) : "r"(pair), "r"(word));
    return sums;
}

/* The pair of low and high, both int16_t. */
static BC_INLINE int32_t bc_pair(int32_t low, int32_t high)
{
    int32_t pair;
    __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(pair) : "r"(low), "r"(high));
    return pair;
}

/* acc + a.low * b.low + a.high * b.high. */
static BC_INLINE int32_t bc_smlad(int32_t a, int32_t b, int32_t acc)
{
    int32_t sum;
    __asm__("smlad %0, %1, %2, %3" : "=r"(sum) : "r"(a), "r"(b), "r"(acc));
    return sum;
}

/* The high word of a * b, plus c. */
static BC_INLINE int32_t bc_smmla(int32_t a, int32_t b, int32_t c)
{
    int32_t sum;
    __asm__("smmla %0, %1, %2, %3" : "=r"(sum) : "r"(a), "r"(b), "r"(c));
    return sum;
}

/* The high word of a * b, rounded to the nearest with halves up, plus c. */
static BC_INLINE int32_t bc_smmlar(int32_t a, int32_t b, int32_t c)
{
    int32_t sum;
    __asm__("smmlar %0, %1, %2, %3" : "=r"(sum) : "r"(a), "r"(b), "r"(c));
    return sum;
}

/*
 * The way out of an accumulator, in as few instructions as the numbers allow. `factor` is what the packer has put there
 * for the channel (sdk/barecast/layouts/dsp.py, `rescale`). The packer has proved that no sum below leaves int32.
 *
 * ties = 0: {mult}, with one shift for all channels:
 *     round(acc * mult / 2**shift) + zero = (acc * mult / 2**32 + 2**(shift - 33) + zero * 2**(shift - 32))
 *     >> (shift - 32); bc_requantize proves that the product's low word does not matter.
 * BC_TIES_TFLITE_SINGLE: {mult, right - 1}, right = shift - 32 > 0: likewise, with a shift for each channel.
 * BC_TIES_TFLITE: {mult, right - 1}, right = shift - 31 > 0. SMMLAR of 2 * acc rounds the doubled high product, halves
 *     up, as bc_double_high does. bc_divide_by_power takes 1 off negative high products; here it is taken off where
 *     acc is negative. The two differ where acc < 0 and the high product is 0: only for mult = 2**30 and acc = -1, or
 *     mult = 0, and then both ways give 0 + zero.
 * In both the half and the zero point are (2 * zero + 1) * 2**(right - 1), and the last shift by 1 is left to SSAT.
 *
 * The accumulator may come multiplied by 2**scaled, modulo 2**32, if acc * 2**scaled fits int32.
 */
#define BC_DSP_FACTOR_WORDS(ties) ((ties) == BC_TIES_UP ? 1 : 2)

/* How many words of `factor` an output of a tile has. */
#define BC_DSP_WORDS(kind, ties) ((kind) == BC_DSP_S8_ANY ? BC_DSP_ANY_FACTOR_WORDS : BC_DSP_FACTOR_WORDS(ties))

static BC_INLINE int32_t bc_dsp_rescale(
    int32_t acc, int32_t scaled, const int32_t *factor, int32_t shift, int32_t ties, int32_t zero)
{
    if (ties == BC_TIES_UP) {
        const int32_t right = shift - 32 + scaled;
        return bc_smmla(acc, factor[0], ((int32_t)1 << (right - 1)) + zero * ((int32_t)1 << right)) >> right;
    }
    const int32_t rounding = (int32_t)((uint32_t)(2 * zero + 1) << factor[1]);
    if (ties == BC_TIES_TFLITE_SINGLE) {
        return bc_smmla(acc >> scaled, factor[0], rounding) >> factor[1] >> 1;
    }
    const int32_t twice = scaled ? acc >> (scaled - 1) : (int32_t)((uint32_t)acc << 1);
    return bc_smmlar(twice, factor[0], rounding + (acc >> 31)) >> factor[1] >> 1;
}

/* The same for every case: any shift, ties to even; factor = {mult, shift}. */
#define BC_DSP_ANY_FACTOR_WORDS 2

static BC_INLINE int32_t bc_dsp_rescale_any(int32_t acc, const int32_t *factor, int32_t ties, int32_t zero)
{
    return bc_requantize(acc, factor[0], factor[1], ties) + zero;
}

/* The clamp: one instruction, with the shift before it, where the bounds are those of the type. */
static BC_INLINE int32_t bc_dsp_clamp(int32_t value, int32_t low, int32_t high)
{
    const int32_t byte = (int32_t)__builtin_arm_ssat(value, 8);
    return low == INT8_MIN && high == INT8_MAX ? byte : bc_clamp_s32(byte, low, high);
}

static BC_INLINE int32_t bc_dsp_clamp_s16(int32_t value, int32_t low, int32_t high)
{
    const int32_t half = (int32_t)__builtin_arm_ssat(value, 16);
    return low == INT16_MIN && high == INT16_MAX ? half : bc_clamp_s32(half, low, high);
}

/* How many bits too large the sum of output o of a tile is. */
#define BC_DSP_SCALED(kind, o) ((kind) == BC_DSP_S8_PAIRED ? ((o) & 1) * 8 : 0)

/* An output of a tile with the sums of bc_tile_dsp.h; `kind` is not BC_DSP_S16_ANY. */
static BC_INLINE int32_t bc_dsp_output(
    int32_t acc, int32_t scaled, const int32_t *factor, int32_t kind, int32_t shift, int32_t ties, int32_t zero,
    int32_t low, int32_t high)
{
    const int32_t y = kind == BC_DSP_S8_ANY ? bc_dsp_rescale_any(acc, factor, ties, zero)
                                            : bc_dsp_rescale(acc, scaled, factor, shift, BC_DSP_TIES(ties), zero);
    return kind == BC_DSP_S16 ? bc_dsp_clamp_s16(y, low, high) : bc_dsp_clamp(y, low, high);
}

/* What a tile of BC_DSP_S16_ANY has for each output: its bias (low word first), multiplier and shift. */
#define BC_DSP_LONG_WORDS 4

static BC_INLINE int16_t bc_dsp_output_long(
    int64_t acc, const int32_t *channel, int32_t ties, int32_t zero, int32_t low, int32_t high)
{
    const int64_t bias = (int64_t)(((uint64_t)(uint32_t)channel[1] << 32) | (uint32_t)channel[0]);
    return bc_requantize_s16(acc + bias, channel[2], channel[3], ties, zero, low, high);
}

/* The most pairs whose products fit 32 bits whatever they are. */
#define BC_DSP_LONG_PAIRS 128

/* The low bytes of four numbers to any address, in four instructions. */
static BC_INLINE void bc_store4(int8_t *to, int32_t a, int32_t b, int32_t c, int32_t d)
{
    __asm__("bfi %0, %1, #8, #8\n\tbfi %0, %2, #16, #8\n\tbfi %0, %3, #24, #8" : "+&r"(a) : "r"(b), "r"(c), "r"(d));
    BC_COPY(to, &a, 4);
}

/* The low halves of the first `count` of four numbers to an address for int16_t. */
static BC_INLINE void bc_store_some_s16(int8_t *to, int32_t count, int32_t a, int32_t b, int32_t c, int32_t d)
{
    const int32_t first = bc_pair(a, b), second = bc_pair(c, d);
    if (count == 4) {
        BC_COPY(to, &first, 4);
        BC_COPY(to + 4, &second, 4);
        return;
    }
    BC_COPY(to, &first, (size_t)(count == 1 ? 2 : 4));
    if (count == 3) {
        BC_COPY(to + 4, &second, 2);
    }
}

/* The low bytes of the first `count` of four numbers; bytes = 2: their low halves. */
static BC_INLINE void bc_store_some(
    int8_t *to, int32_t count, int32_t a, int32_t b, int32_t c, int32_t d, int32_t bytes)
{
    if (bytes == 2) {
        bc_store_some_s16(to, count, a, b, c, d);
        return;
    }
    if (count == 4) {
        bc_store4(to, a, b, c, d);
        return;
    }
    to[0] = (int8_t)a;
    if (count > 1) {
        to[1] = (int8_t)b;
    }
    if (count > 2) {
        to[2] = (int8_t)c;
    }
}

/* Sums of four bytes' columns: bytes 0 and 2, and 1 and 3, as pairs that wrap around after BC_DSP_LANE_TERMS terms. */
typedef struct {
    int32_t even, odd;
} bc_dsp_lanes;

#define BC_DSP_LANE_TERMS 256

static BC_INLINE void bc_dsp_lanes_add(bc_dsp_lanes *lanes, int32_t word)
{
    lanes->even = bc_add_even(lanes->even, word);
    lanes->odd = bc_add_odd(lanes->odd, word);
}

/* acc[j] += the sum of bytes j. */
static BC_INLINE void bc_dsp_lanes_sum(const bc_dsp_lanes *lanes, int32_t acc[4])
{
    acc[0] += (int16_t)lanes->even;
    acc[1] += (int16_t)lanes->odd;
    acc[2] += lanes->even >> 16;
    acc[3] += lanes->odd >> 16;
}

/* The larger one of each of four int8_t: SEL takes the bytes of a where a - b is not negative. */
static BC_INLINE int32_t bc_dsp_max4(int32_t a, int32_t b)
{
    int32_t largest;
    __asm__("ssub8 %0, %1, %2\n\tsel %0, %1, %2" : "=&r"(largest) : "r"(a), "r"(b) : "cc");
    return largest;
}

/* The larger one of each of two int16_t. */
static BC_INLINE int32_t bc_dsp_max2(int32_t a, int32_t b)
{
    int32_t largest;
    __asm__("ssub16 %0, %1, %2\n\tsel %0, %1, %2" : "=&r"(largest) : "r"(a), "r"(b) : "cc");
    return largest;
}

#endif
