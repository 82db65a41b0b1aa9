/* PCI Express: finds the functions behind the host bridge, numbers the buses, sizes and places the BARs,
 * and finds capabilities. */
#ifndef AQPIM_SDK_PCI_H
#define AQPIM_SDK_PCI_H

#include <stdbool.h>
#include <stdint.h>

#include "aqpim/sdk/board.h"

#define AQPIM_PCI_MAX_FUNCTIONS 128u
#define AQPIM_PCI_BARS 6u

struct aqpim_pci_bar {
    uint64_t address; /* 0: not placed */
    uint64_t size;    /* 0: none */
    bool wide;        /* 64 bit: takes the next BAR too */
    bool prefetchable;
};

/* Where requests pass a bridge downwards. */
enum aqpim_pci_window { AQPIM_PCI_MEMORY32, AQPIM_PCI_MEMORY64, AQPIM_PCI_WINDOWS };

struct aqpim_pci_range {
    uint64_t address;
    uint64_t size; /* 0: closed */
    uint64_t align;
};

struct aqpim_pci_function {
    uint8_t bus;
    uint8_t device;
    uint8_t function;
    uint8_t secondary; /* a bridge's bus below; 0 for endpoints */
    uint16_t vendor_id;
    uint16_t device_id;
    uint32_t class_code;
    uint64_t config;     /* address of its configuration space */
    uint8_t subordinate; /* the last bus behind a bridge */
    struct aqpim_pci_bar bars[AQPIM_PCI_BARS];
    struct aqpim_pci_range windows[AQPIM_PCI_WINDOWS]; /* of a bridge */
};

/* A bridge comes before what is behind it. */
struct aqpim_pci {
    struct aqpim_pci_function functions[AQPIM_PCI_MAX_FUNCTIONS];
    uint32_t count;
    const char* error; /* why enumeration failed */
};

/* Scans and configures everything: aqpim_pci_scan(), then aqpim_pci_place(). */
bool aqpim_pci_enumerate(struct aqpim_pci* pci, const struct aqpim_board* board);

/* Finds the functions, numbers the buses and sizes the BARs. False, with `error` set, if there is no PCIe or it is more
 * than the table holds. */
bool aqpim_pci_scan(struct aqpim_pci* pci, const struct aqpim_board* board);

/* Places BARs and bridge windows, and enables the functions; again, after BARs have changed their sizes. 64-bit
 * prefetchable BARs go to the 64-bit window, all others to the 32-bit window. False, with `error` set, if they do not
 * fit. */
bool aqpim_pci_place(struct aqpim_pci* pci, const struct aqpim_board* board);

/* The function number `index` (from 0) of this identity, or null. */
const struct aqpim_pci_function* aqpim_pci_find(const struct aqpim_pci* pci, uint16_t vendor_id, uint16_t device_id,
                                                unsigned index);

/* The bridge whose secondary bus this function is on, or null. */
const struct aqpim_pci_function* aqpim_pci_parent(const struct aqpim_pci* pci,
                                                  const struct aqpim_pci_function* function);

/* Whether the function is on a bus behind this bridge, at any depth. */
bool aqpim_pci_is_below(const struct aqpim_pci_function* function, const struct aqpim_pci_function* bridge);

/* Writes what the table says of this function: bus numbers and windows of a bridge, or BARs. */
void aqpim_pci_write_placement(const struct aqpim_pci_function* function);

/* Offset of a capability in configuration space, or 0. */
uint32_t aqpim_pci_capability(uint64_t config, uint8_t id);

/* The same of an extended capability. */
uint32_t aqpim_pci_extended_capability(uint64_t config, uint16_t id);

/* Type of the device or port (AQPIM_PCI_PORT_*); AQPIM_PCI_NOT_EXPRESS without that capability. */
#define AQPIM_PCI_NOT_EXPRESS 0xffu
uint32_t aqpim_pci_port_type(uint64_t config);

/* False if the function has none. */
bool aqpim_pci_serial_number(uint64_t config, uint64_t* number);

/* How an operation on a function ended. */
enum aqpim_pci_status {
    AQPIM_PCI_OK,
    AQPIM_PCI_ABSENT,    /* its configuration space reads as all ones: it is gone, or in reset */
    AQPIM_PCI_LINK_DOWN, /* the link to it, or on the way to it, is down */
    AQPIM_PCI_UNABLE,    /* it lacks the capability, or what was asked for */
    AQPIM_PCI_TIMEOUT
};
const char* aqpim_pci_status_text(enum aqpim_pci_status status);

/* Whether the function can be reached. Never waits. */
enum aqpim_pci_status aqpim_pci_check(const struct aqpim_pci* pci, const struct aqpim_pci_function* function);

#endif
