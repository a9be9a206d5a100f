/* SPDX-License-Identifier: 0BSD */
/* UART 0 of the board, and its interrupt. Source: Arm DDI 0479D, Cortex-M System Design Kit, "APB UART". */

#ifndef UART_H
#define UART_H

#include <stdint.h>

typedef struct {
    volatile uint32_t data;
    volatile uint32_t state;
    volatile uint32_t control;
    volatile uint32_t interrupts; /* read: which are pending; write: which to clear */
    volatile uint32_t divider;    /* clock / baud rate, at least 16 */
} uart_registers;

#define UART0 ((uart_registers *)0x40004000u)

#define UART_STATE_TX_FULL (1u << 0)
#define UART_STATE_RX_OVERRUN (1u << 3)
#define UART_CONTROL_TX (1u << 0)
#define UART_CONTROL_RX (1u << 1)
#define UART_CONTROL_RX_INTERRUPT (1u << 3)
#define UART_INTERRUPT_RX (1u << 1)

#define UART0_RX_INTERRUPT 0u /* its number at the NVIC */

void uart_start(void);
void uart_print(const char *text);
void uart_print_number(uint32_t number);
void uart_print_hex(uint32_t word); /* eight digits */

static inline void interrupt_enable(uint32_t number)
{
    *(volatile uint32_t *)0xE000E100u = 1u << number; /* NVIC_ISER0 */
}

static inline void interrupt_disable(uint32_t number)
{
    *(volatile uint32_t *)0xE000E180u = 1u << number; /* NVIC_ICER0: what comes meanwhile stays pending */
    __asm__ volatile("dsb\nisb" ::: "memory");
}

#endif
