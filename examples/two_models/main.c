/* SPDX-License-Identifier: 0BSD */
/* Two networks that share one arena: they never run at the same time, so the larger one's memory does for both. Here an
 * int8 and a float network for the same task take turns on each image; the bits of their scores go over the serial line.
 */

#include <stdint.h>
#include <string.h>

#include "digits_float.h"
#include "digits_int8.h"
#include "images.h"
#include "uart.h"

/* As large and as aligned as the one that wants more. A third network is one line more. */
static union {
    uint8_t of_int8[DIGITS_INT8_ARENA_BYTES] __attribute__((aligned(DIGITS_INT8_ARENA_ALIGN)));
    uint8_t of_float[DIGITS_FLOAT_ARENA_BYTES] __attribute__((aligned(DIGITS_FLOAT_ARENA_ALIGN)));
} arena __attribute__((section(".arena")));

#define LARGER(a, b) ((a) > (b) ? (a) : (b))
#define ARENA_ALIGN LARGER(DIGITS_INT8_ARENA_ALIGN, DIGITS_FLOAT_ARENA_ALIGN)
#define ARENA_BYTES LARGER(DIGITS_INT8_ARENA_BYTES, DIGITS_FLOAT_ARENA_BYTES)

_Static_assert(_Alignof(arena) >= ARENA_ALIGN, "the arena suits both networks");
_Static_assert(sizeof arena >= ARENA_BYTES, "the arena holds the larger network");
_Static_assert(sizeof arena < ARENA_BYTES + ARENA_ALIGN, "the arena holds no more than the larger network");
_Static_assert(DIGITS_INT8_INPUT_0_ELEMENTS == IMAGE_PIXELS, "the images suit the int8 network");
_Static_assert(DIGITS_FLOAT_INPUT_0_ELEMENTS == IMAGE_PIXELS, "the images suit the float network");

static void fill(float *input, const uint8_t image[IMAGE_PIXELS])
{
    for (uint32_t i = 0; i < IMAGE_PIXELS; i++) {
        input[i] = (float)image[i] / (float)IMAGE_WHITE;
    }
}

static void print_scores(const char *network, uint32_t image, const float *scores, uint32_t count)
{
    uart_print(network);
    uart_print(" ");
    uart_print_number(image);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &scores[i], sizeof bits);
        uart_print(" ");
        uart_print_hex(bits);
    }
    uart_print("\n");
}

int main(void)
{
    uart_start();
    for (uint32_t i = 0; i < IMAGES; i++) {
        /* Inputs are written before each run, and outputs read before the other network has the arena. */
        fill(digits_int8_input_0(&arena), images[i]);
        digits_int8_run(&arena);
        print_scores("int8", i, digits_int8_output_0(&arena), DIGITS_INT8_OUTPUT_0_ELEMENTS);

        fill(digits_float_input_0(&arena), images[i]);
        digits_float_run(&arena);
        print_scores("float", i, digits_float_output_0(&arena), DIGITS_FLOAT_OUTPUT_0_ELEMENTS);
    }
    uart_print("done\n");
    for (;;) {
        __asm__ volatile("wfi");
    }
}
