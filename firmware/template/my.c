/* Sleeps for a millisecond and says when it woke up. */
#include <stdbool.h>
#include <stdio.h>

#include "aqpim/sdk/format.h"
#include "aqpim/sdk/interrupt.h"
#include "aqpim/sdk/time.h"
#include "aqpim/sdk/trace.h"

static volatile bool rang;

static void on_timer(void) {
    rang = true;
    aqpim_timer_stop();
}

/* Sleeps until the timer rings. Interrupts are off between looking and sleeping, so that none is missed. */
static void wait_for_timer(void) {
    while (!rang) {
        aqpim_interrupts_off();
        if (!rang) {
            aqpim_sleep();
        }
        aqpim_interrupts_on();
    }
}

int main(unsigned long hart, const void* device_tree) {
    (void)device_tree;
    aqpim_trace_begin(AQPIM_PHASE_USER, 0);
    const uint64_t start = aqpim_time_ns();
    aqpim_set_interrupt_handler(AQPIM_INTERRUPT_TIMER, on_timer);
    aqpim_timer_start(1000000);
    aqpim_enable_interrupt(AQPIM_INTERRUPT_TIMER);
    wait_for_timer();
    aqpim_trace_end(AQPIM_PHASE_USER);
    printf("hart %lu slept for %s\n", hart, aqpim_format_time(aqpim_time_ns() - start).text);
    return 0;
}
