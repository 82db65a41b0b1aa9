/* The console: a 16550 as the loader leaves it. stdout and stderr write to it, stdin reads from it. */
#ifndef AQPIM_SDK_UART_H
#define AQPIM_SDK_UART_H

#include <stdbool.h>

void aqpim_uart_put(char character);

/* True if a character came in. */
bool aqpim_uart_get(char* character);

/* Calls `handler` with each character that comes in from now on, as an interrupt. aqpim_interrupts_on() is up to the
 * program. False if there is no PLIC. */
typedef void (*aqpim_uart_handler)(char character);
bool aqpim_uart_on_receive(aqpim_uart_handler handler);

#endif
