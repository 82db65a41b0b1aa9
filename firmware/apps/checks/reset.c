/* Changes what a reset has to put back, resets the machine, and then looks. */
#include <stdio.h>

#include "aqpim/memory_map.h"
#include "aqpim/sdk/board.h"
#include "aqpim/sdk/interrupt.h"
#include "aqpim/sdk/mmio.h"
#include "aqpim/sdk/pci.h"
#include "aqpim/sdk/time.h"

/* In RAM, far behind the program: it survives. */
#define SURVIVOR (AQPIM_RAM_BASE + 0x800000u)
#define REMEMBERED 0x12345678u

#define UART_SCRATCH 7u
#define PLIC_PRIORITY (4 * AQPIM_IRQ_UART)
#define CLINT_MSIP 0u
#define CLINT_MTIMECMP 0x4000u

static int initialised = 42;
static struct aqpim_pci pci;

static int complain(const char* what) {
    printf("after the reset: %s\n", what);
    return 1;
}

static int look(void) {
    const uint64_t primary_bus = aqpim_board.ecam.base + (1u << 15) + 0x18;
    if (initialised != 42) {
        return complain("a variable has kept its value");
    }
    if (aqpim_time_ns() > 1000000) {
        return complain("mtime has gone on");
    }
    if (aqpim_read8(aqpim_board.uart + UART_SCRATCH) != 0) {
        return complain("the UART has kept a register");
    }
    if (aqpim_read32(aqpim_board.plic + PLIC_PRIORITY) != 0) {
        return complain("the PLIC has kept a priority");
    }
    if (aqpim_interrupt_pending(AQPIM_INTERRUPT_SOFTWARE) || aqpim_interrupt_pending(AQPIM_INTERRUPT_TIMER)) {
        return complain("an interrupt is still pending");
    }
    if (aqpim_read32(primary_bus) != 0) {
        return complain("the root port has kept its bus numbers");
    }
    if (!aqpim_pci_enumerate(&pci, &aqpim_board)) {
        return complain(pci.error);
    }
    printf("after the reset: all well, %u PCI functions\n", (unsigned)pci.count);
    return 0;
}

int main(void) {
    if (aqpim_read32(SURVIVOR) == REMEMBERED) {
        return look();
    }
    aqpim_write32(SURVIVOR, REMEMBERED);
    initialised = 0;
    if (!aqpim_pci_enumerate(&pci, &aqpim_board)) {
        return 2;
    }
    while (aqpim_time_ns() < 2000000) {
    }
    aqpim_write8(aqpim_board.uart + UART_SCRATCH, 0x55);
    aqpim_write32(aqpim_board.plic + PLIC_PRIORITY, 7);
    aqpim_write32(aqpim_board.clint + CLINT_MSIP, 1);
    aqpim_write64(aqpim_board.clint + CLINT_MTIMECMP, 0);
    aqpim_write32(aqpim_board.finisher, AQPIM_FINISHER_RESET);
    for (;;) {
    }
}
