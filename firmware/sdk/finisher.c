#include "aqpim/sdk/finisher.h"

#include "aqpim/memory_map.h"
#include "aqpim/sdk/board.h"
#include "aqpim/sdk/interrupt.h"
#include "aqpim/sdk/mmio.h"

static _Noreturn void finish(uint32_t command) {
    aqpim_write32(aqpim_board.finisher, command);
    aqpim_interrupts_off();
    for (;;) {
        aqpim_sleep();
    }
}

_Noreturn void aqpim_exit(int code) {
    if (code == 0) {
        finish(AQPIM_FINISHER_PASS);
    }
    const uint32_t allowed = code > 0 && code < (int)AQPIM_EXIT_UNHANDLED_TRAP ? (uint32_t)code : 1;
    finish(AQPIM_FINISHER_FAIL | allowed << 16);
}

_Noreturn void aqpim_exit_unhandled_trap(void) {
    finish(AQPIM_FINISHER_FAIL | AQPIM_EXIT_UNHANDLED_TRAP << 16);
}
