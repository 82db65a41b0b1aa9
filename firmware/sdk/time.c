#include "aqpim/sdk/time.h"

#include <stdbool.h>

#include "aqpim/sdk/board.h"
#include "aqpim/sdk/interrupt.h"
#include "aqpim/sdk/mmio.h"

#define NS_PER_S 1000000000ull

/* CLINT registers, 64 bits each; the first mtimecmp is hart 0's. */
#define MTIMECMP 0x4000u
#define MTIME 0xbff8u

uint64_t aqpim_time_ns(void) {
    if (aqpim_board.clint == 0) {
        return 0;
    }
    const uint64_t ticks = aqpim_read64(aqpim_board.clint + MTIME);
    const uint64_t hz = aqpim_board.timebase_hz;
    return ticks / hz * NS_PER_S + ticks % hz * NS_PER_S / hz;
}

void aqpim_timer_start(uint64_t delay_ns) {
    const uint64_t ticks =
        delay_ns / NS_PER_S * aqpim_board.timebase_hz + delay_ns % NS_PER_S * aqpim_board.timebase_hz / NS_PER_S;
    aqpim_write64(aqpim_board.clint + MTIMECMP, aqpim_read64(aqpim_board.clint + MTIME) + ticks);
}

void aqpim_timer_stop(void) {
    aqpim_write64(aqpim_board.clint + MTIMECMP, UINT64_MAX);
}

/* mstatus.MIE before they are off. */
static bool interrupts_were_on(void) {
    uint64_t status;
    __asm__ volatile("csrrci %0, mstatus, 8" : "=r"(status)::"memory");
    return (status & 8u) != 0;
}

void aqpim_delay_ns(uint64_t delay_ns) {
    if (aqpim_board.clint == 0 || delay_ns == 0) {
        return;
    }
    aqpim_timer_start(delay_ns);
    const bool on = interrupts_were_on();
    for (;;) {
        aqpim_enable_interrupt(AQPIM_INTERRUPT_TIMER);
        aqpim_sleep();
        aqpim_disable_interrupt(AQPIM_INTERRUPT_TIMER);
        if (aqpim_interrupt_pending(AQPIM_INTERRUPT_TIMER)) {
            break;
        }
        if (on) {
            aqpim_interrupts_on();
            aqpim_interrupts_off();
        }
    }
    aqpim_timer_stop();
    if (on) {
        aqpim_interrupts_on();
    }
}
