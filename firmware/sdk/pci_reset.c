#include "aqpim/sdk/pci_reset.h"

#include <stddef.h>

#include "aqpim/sdk/mmio.h"
#include "aqpim/sdk/pci_link.h"
#include "aqpim/sdk/pci_registers.h"
#include "aqpim/sdk/pci_state.h"
#include "aqpim/sdk/time.h"

#define ALL_ONES 0xffffffffu
#define POLL_NS 100000u

static void wait_for_transactions(uint64_t device_control, uint64_t wait_ns) {
    for (uint64_t waited = 0; waited < wait_ns; waited += POLL_NS) {
        if ((aqpim_read32(device_control) & AQPIM_PCI_DEVICE_PENDING) == 0) {
            return;
        }
        aqpim_delay_ns(POLL_NS);
    }
}

/* Sleeps until the function answers, at most `wait_ns`. */
static enum aqpim_pci_status wait_for_function(const struct aqpim_pci_function* function, uint64_t wait_ns) {
    for (uint64_t waited = 0;; waited += POLL_NS) {
        if (aqpim_read32(function->config + AQPIM_PCI_ID) != ALL_ONES) {
            return AQPIM_PCI_OK;
        }
        if (waited >= wait_ns) {
            return AQPIM_PCI_ABSENT;
        }
        aqpim_delay_ns(POLL_NS);
    }
}

enum aqpim_pci_status aqpim_pci_reset_function(const struct aqpim_pci_function* function, uint64_t wait_ns) {
    struct aqpim_pci_state state;
    const enum aqpim_pci_status saved = aqpim_pci_save(function, &state);
    if (saved != AQPIM_PCI_OK) {
        return saved;
    }
    const uint32_t offset = aqpim_pci_capability(function->config, AQPIM_PCI_CAP_EXPRESS);
    const uint64_t express = function->config + offset;
    const uint64_t control = express + AQPIM_PCI_EXPRESS_DEVICE_CONTROL;
    if (offset == 0 ||
        (aqpim_read32(express + AQPIM_PCI_EXPRESS_DEVICE_CAPABILITIES) & AQPIM_PCI_DEVICE_CAN_FLR) == 0) {
        return AQPIM_PCI_UNABLE;
    }
    aqpim_write32(function->config + AQPIM_PCI_COMMAND, AQPIM_PCI_COMMAND_NO_INTX);
    wait_for_transactions(control, wait_ns);
    aqpim_write32(control, (aqpim_read32(control) & 0xffffu) | AQPIM_PCI_DEVICE_FLR);
    aqpim_delay_ns(wait_ns);
    const enum aqpim_pci_status back = wait_for_function(function, wait_ns);
    return back == AQPIM_PCI_OK ? aqpim_pci_restore(function, &state) : back;
}

enum aqpim_pci_status aqpim_pci_reset_below(const struct aqpim_pci_function* bridge, uint64_t wait_ns) {
    if (aqpim_read32(bridge->config + AQPIM_PCI_ID) == ALL_ONES) {
        return AQPIM_PCI_ABSENT;
    }
    if (bridge->secondary == 0) {
        return AQPIM_PCI_UNABLE;
    }
    const uint64_t control = bridge->config + AQPIM_PCI_BRIDGE_CONTROL;
    aqpim_write32(control, aqpim_read32(control) | AQPIM_PCI_BRIDGE_RESET);
    aqpim_delay_ns(AQPIM_PCI_HOLD_NS);
    aqpim_write32(control, aqpim_read32(control) & ~AQPIM_PCI_BRIDGE_RESET);
    const uint32_t type = aqpim_pci_port_type(bridge->config);
    const bool has_link = type == AQPIM_PCI_PORT_ROOT || type == AQPIM_PCI_PORT_DOWNSTREAM;
    const enum aqpim_pci_status up = has_link ? aqpim_pci_wait_for_link(bridge, wait_ns) : AQPIM_PCI_OK;
    if (up != AQPIM_PCI_OK) {
        return up == AQPIM_PCI_TIMEOUT ? AQPIM_PCI_LINK_DOWN : up;
    }
    aqpim_delay_ns(wait_ns);
    return AQPIM_PCI_OK;
}

enum aqpim_pci_status aqpim_pci_set_power(const struct aqpim_pci_function* function, enum aqpim_pci_power power,
                                          const struct aqpim_pci_state* state) {
    if (aqpim_read32(function->config + AQPIM_PCI_ID) == ALL_ONES) {
        return AQPIM_PCI_ABSENT;
    }
    const uint32_t offset = aqpim_pci_capability(function->config, AQPIM_PCI_CAP_POWER);
    if (offset == 0) {
        return AQPIM_PCI_UNABLE;
    }
    const uint64_t control = function->config + offset + AQPIM_PCI_POWER_CONTROL;
    const uint32_t before = aqpim_read32(control);
    /* Not bit 15: a one would clear it. */
    aqpim_write32(control, (before & 0x7fffu & ~AQPIM_PCI_POWER_STATE) | (uint32_t)power);
    aqpim_delay_ns(AQPIM_PCI_POWER_NS);
    const uint32_t after = aqpim_read32(control);
    if (after == ALL_ONES) {
        return AQPIM_PCI_ABSENT;
    }
    if ((after & AQPIM_PCI_POWER_STATE) != (uint32_t)power) {
        return AQPIM_PCI_UNABLE;
    }
    const bool forgets =
        (before & AQPIM_PCI_POWER_STATE) == AQPIM_PCI_D3HOT && (before & AQPIM_PCI_POWER_NO_SOFT_RESET) == 0;
    return power == AQPIM_PCI_D0 && forgets && state != NULL ? aqpim_pci_restore(function, state) : AQPIM_PCI_OK;
}
