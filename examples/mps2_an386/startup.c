/* SPDX-License-Identifier: 0BSD */
/* Start-up of a Cortex-M4: vector table, FPU, memory, main. */

#include <stdint.h>

extern uint32_t stack_top[], data_start[], data_end[], bss_start[], bss_end[];
extern const uint32_t data_load[];

int main(void);
void reset_handler(void);
void default_handler(void);
void uart0_rx_handler(void);

/* A firmware that uses an interrupt defines its handler; for others this one stands in. */
__attribute__((weak, alias("default_handler"))) void uart0_rx_handler(void);

#define EXCEPTIONS 16 /* of the core; the board's interrupts follow */
#define INTERRUPTS 1  /* UART 0 receives is number 0 */

typedef void (*handler)(void);

__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack;
    handler handlers[EXCEPTIONS - 1 + INTERRUPTS];
} vectors = {
    stack_top,
    { reset_handler, default_handler, default_handler, default_handler, default_handler, default_handler,
      default_handler, default_handler, default_handler, default_handler, default_handler, default_handler,
      default_handler, default_handler, default_handler,
      uart0_rx_handler },
};

void reset_handler(void)
{
    /* CPACR: the FPU, before the first instruction that needs it. */
    *(volatile uint32_t *)0xE000ED88u |= 0xFu << 20;
    __asm__ volatile("dsb\nisb" ::: "memory");

    const uint32_t *from = data_load;
    for (volatile uint32_t *to = data_start; to < data_end; to++) {
        *to = *from++;
    }
    for (volatile uint32_t *to = bss_start; to < bss_end; to++) {
        *to = 0;
    }
    (void)main();
    default_handler();
}

void default_handler(void)
{
    for (;;) {
        __asm__ volatile("wfi");
    }
}
