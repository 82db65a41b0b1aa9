#include "aqpim/sdk/uart.h"

#include <stdio.h>

#include "aqpim/memory_map.h"
#include "aqpim/sdk/board.h"
#include "aqpim/sdk/mmio.h"
#include "aqpim/sdk/plic.h"

/* 16550 registers, one byte each. */
#define DATA 0u
#define INTERRUPT_ENABLE 1u
#define LINE_STATUS 5u
#define ENABLE_RECEIVED 0x01u
#define RECEIVED 0x01u
#define TRANSMITTER_EMPTY 0x20u

void aqpim_uart_put(char character) {
    while ((aqpim_read8(aqpim_board.uart + LINE_STATUS) & TRANSMITTER_EMPTY) == 0) {
    }
    aqpim_write8(aqpim_board.uart + DATA, (uint8_t)character);
}

bool aqpim_uart_get(char* character) {
    if ((aqpim_read8(aqpim_board.uart + LINE_STATUS) & RECEIVED) == 0) {
        return false;
    }
    *character = (char)aqpim_read8(aqpim_board.uart + DATA);
    return true;
}

static aqpim_uart_handler receive_handler;

static void serve_uart(void* context) {
    (void)context;
    char character;
    while (aqpim_uart_get(&character)) {
        receive_handler(character);
    }
}

bool aqpim_uart_on_receive(aqpim_uart_handler handler) {
    receive_handler = handler;
    if (!aqpim_plic_attach(AQPIM_IRQ_UART, serve_uart, NULL)) {
        return false;
    }
    /* The FIFOs stay as they are: switching them on would lose what has come already. */
    aqpim_write8(aqpim_board.uart + INTERRUPT_ENABLE, ENABLE_RECEIVED);
    return true;
}

static int put(char character, FILE* file) {
    (void)file;
    aqpim_uart_put(character);
    return (unsigned char)character;
}

static int get(FILE* file) {
    (void)file;
    char character;
    while (!aqpim_uart_get(&character)) {
    }
    return (unsigned char)character;
}

static FILE console = FDEV_SETUP_STREAM(put, get, NULL, _FDEV_SETUP_RW);
FILE* const stdin = &console;
FILE* const stdout = &console;
FILE* const stderr = &console;
