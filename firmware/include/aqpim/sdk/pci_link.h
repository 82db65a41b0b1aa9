/* Links of PCI Express ports (PCI Express Base Specification 5.0, 7.5.3.6 to 7.5.3.8). */
#ifndef AQPIM_SDK_PCI_LINK_H
#define AQPIM_SDK_PCI_LINK_H

#include "aqpim/sdk/pci.h"

struct aqpim_pci_link {
    uint8_t speed; /* generation */
    uint8_t width; /* lanes */
    uint8_t most_speed;
    uint8_t most_width;
    bool reports_active; /* whether the next one tells anything */
    bool active;         /* the data link layer is */
    bool training;
    bool disabled;
};

/* AQPIM_PCI_ABSENT if the port does not answer, AQPIM_PCI_UNABLE if it has no link. */
enum aqpim_pci_status aqpim_pci_read_link(const struct aqpim_pci_function* port, struct aqpim_pci_link* link);

/* Sleeps until the link of this root port or downstream port is up, at most `timeout_ns`. A port that does not report
 * it counts as up when it no longer trains. */
enum aqpim_pci_status aqpim_pci_wait_for_link(const struct aqpim_pci_function* port, uint64_t timeout_ns);

/* Takes the link of a root port or downstream port down: what is behind it is gone, and reset. Sleeps until the port
 * says so, at most `timeout_ns`. */
enum aqpim_pci_status aqpim_pci_disable_link(const struct aqpim_pci_function* port, uint64_t timeout_ns);

/* Brings it up again, and sleeps until it is. Then aqpim_pci_restore_below() (pci_state.h). */
enum aqpim_pci_status aqpim_pci_enable_link(const struct aqpim_pci_function* port, uint64_t timeout_ns);

/* Trains the link again, for instance at another target speed (0: as before). */
enum aqpim_pci_status aqpim_pci_retrain_link(const struct aqpim_pci_function* port, unsigned target_speed,
                                             uint64_t timeout_ns);

#endif
