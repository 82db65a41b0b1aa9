/* PCI Express: finds the functions behind the host bridge, numbers the buses, and sizes and places the BARs. */
#ifndef AQPIM_SDK_PCI_H
#define AQPIM_SDK_PCI_H

#include <stdbool.h>
#include <stdint.h>

#include "aqpim/sdk/board.h"

#define AQPIM_PCI_MAX_FUNCTIONS 32u
#define AQPIM_PCI_BARS 6u

struct aqpim_pci_bar {
    uint64_t address; /* 0: not placed */
    uint64_t size;    /* 0: none */
    bool wide;        /* 64 bit: takes the next BAR too */
    bool prefetchable;
};

struct aqpim_pci_function {
    uint8_t bus;
    uint8_t device;
    uint8_t function;
    uint8_t secondary; /* a bridge's bus below; 0 for endpoints */
    uint16_t vendor_id;
    uint16_t device_id;
    uint32_t class_code;
    uint64_t config; /* address of its configuration space */
    struct aqpim_pci_bar bars[AQPIM_PCI_BARS];
};

struct aqpim_pci {
    struct aqpim_pci_function functions[AQPIM_PCI_MAX_FUNCTIONS];
    uint32_t count;
    const char* error; /* why enumeration failed */
};

/* Scans and configures everything. 64-bit prefetchable BARs go to the 64-bit window, all others to the 32-bit window.
 * False, with `error` set, if there is no PCIe or something does not fit. */
bool aqpim_pci_enumerate(struct aqpim_pci* pci, const struct aqpim_board* board);

/* The function number `index` (from 0) of this identity, or null. */
const struct aqpim_pci_function* aqpim_pci_find(const struct aqpim_pci* pci, uint16_t vendor_id, uint16_t device_id,
                                                unsigned index);

/* Offset of a capability in configuration space, or 0. */
uint32_t aqpim_pci_capability(uint64_t config, uint8_t id);

/* Second half of the enumeration: places BARs and bridge windows. */
bool aqpim_pci_place(struct aqpim_pci* pci, const struct aqpim_board* board);

#endif
