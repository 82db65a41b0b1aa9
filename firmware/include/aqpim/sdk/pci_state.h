/* What software has set in a function and a reset takes away. Bus numbers, windows and BAR addresses are in the table
 * of aqpim_pci_place(); here is the rest. */
#ifndef AQPIM_SDK_PCI_STATE_H
#define AQPIM_SDK_PCI_STATE_H

#include "aqpim/sdk/pci.h"
#include "aqpim/sdk/pci_reset.h"

/* Vectors of an MSI-X table that are kept; those behind stay masked after a reset. */
#define AQPIM_PCI_SAVED_VECTORS 32u

struct aqpim_pci_state {
    uint16_t command;
    uint16_t bridge_control;
    uint16_t device_control;
    uint16_t device_control2;
    uint16_t link_control;
    uint16_t root_control;
    bool link_was_up; /* of a bridge, below it */
    uint32_t aer_uncorrectable_mask;
    uint32_t aer_severity;
    uint32_t aer_correctable_mask;
    uint32_t aer_control;
    uint32_t aer_root_command;
    uint32_t acs;
    uint32_t resize[AQPIM_PCI_BARS];
    uint32_t msix;
    uint32_t vectors;
    uint32_t table[AQPIM_PCI_SAVED_VECTORS][4];
};

/* AQPIM_PCI_ABSENT if the function does not answer: then `state` is not written. */
enum aqpim_pci_status aqpim_pci_save(const struct aqpim_pci_function* function, struct aqpim_pci_state* state);

/* Writes it all back, and the placement; of a bridge, then sleeps until its link is up if it was, at most
 * AQPIM_PCI_RESET_NS: what is behind it comes next. */
enum aqpim_pci_status aqpim_pci_restore(const struct aqpim_pci_function* function, const struct aqpim_pci_state* state);

/* The same for all functions behind a bridge, in the order of the table. AQPIM_PCI_UNABLE if there are more than
 * `most`; else the first failure of any; the others are saved or restored all the same. */
enum aqpim_pci_status aqpim_pci_save_below(const struct aqpim_pci* pci, const struct aqpim_pci_function* bridge,
                                           struct aqpim_pci_state* states, uint32_t most);
enum aqpim_pci_status aqpim_pci_restore_below(const struct aqpim_pci* pci, const struct aqpim_pci_function* bridge,
                                              const struct aqpim_pci_state* states, uint32_t most);

#endif
