/* Resets and power states of functions (PCI Express Base Specification 5.0, 6.6, 5.3.1 and 7.5.2). */
#ifndef AQPIM_SDK_PCI_RESET_H
#define AQPIM_SDK_PCI_RESET_H

#include "aqpim/sdk/pci.h"

/* The specification gives a function this time to come out of a reset (6.6.1, 6.6.2). */
#define AQPIM_PCI_RESET_NS 100000000ull
/* For how long the secondary bus is held in reset: at least 1 ms (Trst, PCI Local Bus 3.0, 4.3.2). */
#define AQPIM_PCI_HOLD_NS 2000000ull
/* Between D3hot and D0 (5.9). */
#define AQPIM_PCI_POWER_NS 10000000ull

/* Function-level reset: takes bus mastering away, lets transactions end for up to `wait_ns`, resets, sleeps `wait_ns`
 * (AQPIM_PCI_RESET_NS), and writes the configuration back. The device's own registers are then as at power-on, queues
 * disabled. */
enum aqpim_pci_status aqpim_pci_reset_function(const struct aqpim_pci_function* function, uint64_t wait_ns);

/* Hot reset of everything behind a bridge: holds the secondary bus in reset for AQPIM_PCI_HOLD_NS, and sleeps until the
 * link is up again, at most `wait_ns`, and then `wait_ns` more. Then aqpim_pci_restore_below() (pci_state.h), with what
 * was saved before. */
enum aqpim_pci_status aqpim_pci_reset_below(const struct aqpim_pci_function* bridge, uint64_t wait_ns);

enum aqpim_pci_power { AQPIM_PCI_D0 = 0, AQPIM_PCI_D3HOT = 3 };

/* Changes the power state and sleeps AQPIM_PCI_POWER_NS. A function that forgets its configuration on the way to D0
 * gets it back if `state` (of pci_state.h, saved in D0) is given. AQPIM_PCI_UNABLE if it does not take the state. */
struct aqpim_pci_state;
enum aqpim_pci_status aqpim_pci_set_power(const struct aqpim_pci_function* function, enum aqpim_pci_power power,
                                          const struct aqpim_pci_state* state);

#endif
