/* Settings of PCI Express that belong between aqpim_pci_scan() and the first transfer: payload sizes, ordering, sizes
 * of BARs, access control. */
#ifndef AQPIM_SDK_PCI_SETUP_H
#define AQPIM_SDK_PCI_SETUP_H

#include "aqpim/sdk/pci.h"

/* Sets the payload size of every function to the largest that all functions behind the same root port support, so that
 * they may also write to each other; the read request size to `read_request` bytes (128 to 4096, a power of two), or,
 * if 0, to that size; and relaxed ordering. Returns the smallest payload size that was set, 0 if there is no PCI
 * Express function or `read_request` is not allowed. */
uint32_t aqpim_pci_set_payload(const struct aqpim_pci* pci, uint32_t read_request, bool relaxed_ordering);

/* What a function uses now, in bytes; 0 if it is no PCI Express function. */
uint32_t aqpim_pci_payload(const struct aqpim_pci_function* function);
uint32_t aqpim_pci_read_request(const struct aqpim_pci_function* function);

/* The sizes that a resizable BAR can have, as their sum (each is a power of two from 1 MiB to 128 TiB); 0 if the BAR
 * has only one. */
uint64_t aqpim_pci_bar_sizes(const struct aqpim_pci_function* function, unsigned bar);

/* Gives a resizable BAR this size, which aqpim_pci_bar_sizes() has, and takes the function's memory space away until
 * aqpim_pci_place() has placed everything anew. */
enum aqpim_pci_status aqpim_pci_resize_bar(struct aqpim_pci_function* function, unsigned bar, uint64_t size);

/* Access control of every root port and downstream port that has it: peer-to-peer requests and completions go up to the
 * root (true), or straight to the peer (false). Returns how many ports have it. */
unsigned aqpim_pci_redirect(const struct aqpim_pci* pci, bool redirect);

#endif
