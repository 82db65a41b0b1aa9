/* The console: a 16550 as the loader leaves it, without interrupts. stdout and stderr write to it. */
#ifndef AQPIM_SDK_UART_H
#define AQPIM_SDK_UART_H

#include <stdbool.h>

void aqpim_uart_put(char character);

/* True if a character came in. */
bool aqpim_uart_get(char* character);

#endif
