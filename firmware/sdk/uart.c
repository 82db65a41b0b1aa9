#include "aqpim/sdk/uart.h"

#include <stdio.h>

#include "aqpim/sdk/board.h"
#include "aqpim/sdk/mmio.h"

/* 16550 registers, one byte each. */
#define DATA 0u
#define LINE_STATUS 5u
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

static int put(char character, FILE* file) {
    (void)file;
    aqpim_uart_put(character);
    return (unsigned char)character;
}

static FILE console = FDEV_SETUP_STREAM(put, NULL, NULL, _FDEV_SETUP_WRITE);
FILE* const stdout = &console;
FILE* const stderr = &console;
