/* SPDX-License-Identifier: 0BSD */

#include "uart.h"

#define CLOCK 25000000u
#define BAUD 115200u

void uart_start(void)
{
    UART0->divider = CLOCK / BAUD;
    UART0->control = UART_CONTROL_TX | UART_CONTROL_RX | UART_CONTROL_RX_INTERRUPT;
}

void uart_print(const char *text)
{
    for (; *text != '\0'; text++) {
        while (UART0->state & UART_STATE_TX_FULL) {
        }
        UART0->data = (uint8_t)*text;
    }
}

void uart_print_number(uint32_t number)
{
    char text[11];
    char *first = text + sizeof text - 1;
    *first = '\0';
    do {
        *--first = (char)('0' + number % 10u);
        number /= 10u;
    } while (number != 0);
    uart_print(first);
}

void uart_print_hex(uint32_t word)
{
    char text[9];
    for (uint32_t i = 0; i < 8; i++) {
        text[i] = "0123456789abcdef"[(word >> (28u - 4u * i)) & 15u];
    }
    text[8] = '\0';
    uart_print(text);
}
