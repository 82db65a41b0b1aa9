#include "aqpim/sdk/time.h"

#include "aqpim/sdk/board.h"
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
