/* Sends back what it receives, in capitals, asleep in between, until a full stop. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>

#include "aqpim/sdk/interrupt.h"
#include "aqpim/sdk/uart.h"

static volatile bool ended;

static void on_receive(char character) {
    if (!ended) {
        aqpim_uart_put((char)toupper((unsigned char)character));
        ended = character == '.';
    }
}

int main(void) {
    printf("echo, after %c\n", getchar());
    if (!aqpim_uart_on_receive(on_receive)) {
        return 1;
    }
    while (!ended) {
        aqpim_interrupts_off();
        if (!ended) {
            aqpim_sleep();
        }
        aqpim_interrupts_on();
    }
    return 0;
}
