/* SPDX-License-Identifier: 0BSD */
/* Input by interrupt: a camera sends 8x8 grey images, a byte a pixel, over a serial line. The interrupt fills one of two
 * frames while the main loop runs the network on the other; the answer goes back over the line.
 *
 * The interrupt touches nothing of the network: a run may take as long as it wants, as long as a frame takes longer.
 */

#include <stdint.h>

#include "digits.h"
#include "uart.h"

#define FRAMES 2u

static uint8_t arena[DIGITS_ARENA_BYTES] __attribute__((aligned(DIGITS_ARENA_ALIGN), section(".arena")));

static int8_t frames[FRAMES][DIGITS_INPUT_0_ELEMENTS];
static volatile uint32_t filled;   /* frames since the start; only the interrupt writes it */
static volatile uint32_t taken;    /* only the main loop writes it; filled - taken is 0 to FRAMES, wrapping included */
static volatile uint32_t overruns; /* bytes came faster than the interrupt was served */

/* What is before it in the program is in memory before what follows: on one core that is the compiler's business only. */
static inline void barrier(void)
{
    __asm__ volatile("" ::: "memory");
}

void uart0_rx_handler(void)
{
    static uint32_t pixel; /* of the frame that is being filled */

    UART0->interrupts = UART_INTERRUPT_RX; /* cleared first: with the byte taken the next one may come at once */
    if (UART0->state & UART_STATE_RX_OVERRUN) {
        UART0->state = UART_STATE_RX_OVERRUN;
        overruns++;
    }
    /* DIGITS_INPUT_0_SCALE is 1/255 and the zero point -128: a grey value of 0 to 255 is 128 above its int8. */
    frames[filled % FRAMES][pixel++] = (int8_t)((int32_t)(UART0->data & 0xFFu) + DIGITS_INPUT_0_ZERO_POINT);
    if (pixel < DIGITS_INPUT_0_ELEMENTS) {
        return;
    }
    pixel = 0;
    barrier();
    filled++;
    if (filled - taken == FRAMES) {
        interrupt_disable(UART0_RX_INTERRUPT); /* both are full: the line has to wait until the main loop took one */
    }
}

static uint32_t largest(const int8_t scores[DIGITS_OUTPUT_0_ELEMENTS])
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < DIGITS_OUTPUT_0_ELEMENTS; i++) {
        if (scores[i] > scores[best]) {
            best = i;
        }
    }
    return best;
}

/* Sleeps until there is a frame. WFI wakes for an interrupt that is pending even while none is served, so one that comes
 * between the question and the sleep is not slept through. */
static void wait_for_frame(void)
{
    while (filled == taken) {
        __asm__ volatile("cpsid i" ::: "memory");
        if (filled == taken) {
            __asm__ volatile("wfi" ::: "memory");
        }
        __asm__ volatile("cpsie i\nisb" ::: "memory");
    }
}

int main(void)
{
    uint32_t reported = 0;

    uart_start();
    interrupt_enable(UART0_RX_INTERRUPT);
    uart_print("ready\n");
    for (;;) {
        wait_for_frame();
        barrier();

        const int8_t *frame = frames[taken % FRAMES];
        int8_t *input = digits_input_0(arena);
        for (uint32_t i = 0; i < DIGITS_INPUT_0_ELEMENTS; i++) {
            input[i] = frame[i];
        }

        /* The frame is copied: it is given back before the run, which is the long part. */
        barrier();
        taken++;
        interrupt_enable(UART0_RX_INTERRUPT);

        digits_run(arena);

        uart_print("digit ");
        uart_print_number(largest(digits_output_0(arena)));
        uart_print("\n");
        if (overruns != reported) {
            reported = overruns;
            uart_print("overruns ");
            uart_print_number(reported);
            uart_print("\n");
        }
    }
}
