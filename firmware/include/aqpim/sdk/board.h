/* What the machine consists of, read from the device tree before main() runs. */
#ifndef AQPIM_SDK_BOARD_H
#define AQPIM_SDK_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "aqpim/sdk/fdt.h"

/* A base of 0 means that there is no such device; but UART and finisher are taken to stand where `virt` has them when
 * there is no device tree, so that a program can say so. */
struct aqpim_board {
    struct aqpim_fdt fdt;
    bool has_fdt;
    uint64_t uart;
    uint64_t finisher;
    uint64_t clint;
    uint64_t plic;
    uint64_t msi_frame;
    uint64_t trace_port;
    uint32_t plic_context; /* of hart 0's machine mode */
    uint32_t timebase_hz;
    struct aqpim_range ram;
    struct aqpim_range ecam;
    struct aqpim_range pci_memory32; /* bus addresses, which are the hart's addresses too */
    struct aqpim_range pci_memory64;
};

extern struct aqpim_board aqpim_board;

/* Called by the start-up code. */
void aqpim_board_init(const void* device_tree);

#endif
