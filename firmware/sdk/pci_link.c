#include "aqpim/sdk/pci_link.h"

#include "aqpim/sdk/mmio.h"
#include "aqpim/sdk/pci_registers.h"
#include "aqpim/sdk/time.h"

#define ALL_ONES 0xffffffffu
#define POLL_NS 10000u
#define TARGET_SPEED 0xfu

/* Address of the PCI Express capability of a function with a link; 0 without. */
static uint64_t link_capability(const struct aqpim_pci_function* port) {
    const uint32_t offset = aqpim_pci_capability(port->config, AQPIM_PCI_CAP_EXPRESS);
    return offset != 0 ? port->config + offset : 0;
}

enum aqpim_pci_status aqpim_pci_read_link(const struct aqpim_pci_function* port, struct aqpim_pci_link* link) {
    *link = (struct aqpim_pci_link){0};
    if (aqpim_read32(port->config + AQPIM_PCI_ID) == ALL_ONES) {
        return AQPIM_PCI_ABSENT;
    }
    const uint64_t capability = link_capability(port);
    if (capability == 0) {
        return AQPIM_PCI_UNABLE;
    }
    const uint32_t most = aqpim_read32(capability + AQPIM_PCI_EXPRESS_LINK_CAPABILITIES);
    const uint32_t now = aqpim_read32(capability + AQPIM_PCI_EXPRESS_LINK_CONTROL);
    *link = (struct aqpim_pci_link){
        .speed = AQPIM_PCI_LINK_SPEED(now),
        .width = AQPIM_PCI_LINK_WIDTH(now),
        .most_speed = most & 0xfu,
        .most_width = most >> 4 & 0x3fu,
        .reports_active = (most & AQPIM_PCI_LINK_REPORTS_ACTIVE) != 0,
        .active = (now & AQPIM_PCI_LINK_ACTIVE) != 0,
        .training = (now & AQPIM_PCI_LINK_TRAINING) != 0,
        .disabled = (now & AQPIM_PCI_LINK_DISABLE) != 0,
    };
    return AQPIM_PCI_OK;
}

static bool is_up(const struct aqpim_pci_link* link) {
    return !link->disabled && !link->training && (link->active || !link->reports_active);
}

/* The number of looks, not the clock, ends it: a machine may have none. */
static enum aqpim_pci_status wait_until(const struct aqpim_pci_function* port, bool up, uint64_t timeout_ns) {
    struct aqpim_pci_link link;
    for (uint64_t waited = 0;; waited += POLL_NS) {
        const enum aqpim_pci_status status = aqpim_pci_read_link(port, &link);
        if (status != AQPIM_PCI_OK || is_up(&link) == up) {
            return status;
        }
        if (waited >= timeout_ns) {
            return AQPIM_PCI_TIMEOUT;
        }
        aqpim_delay_ns(POLL_NS);
    }
}

enum aqpim_pci_status aqpim_pci_wait_for_link(const struct aqpim_pci_function* port, uint64_t timeout_ns) {
    return wait_until(port, true, timeout_ns);
}

/* Clears and sets bits of the link control register. */
static enum aqpim_pci_status change_control(const struct aqpim_pci_function* port, uint32_t clear, uint32_t set) {
    const uint32_t type = aqpim_pci_port_type(port->config);
    if (aqpim_read32(port->config + AQPIM_PCI_ID) == ALL_ONES) {
        return AQPIM_PCI_ABSENT;
    }
    if (type != AQPIM_PCI_PORT_ROOT && type != AQPIM_PCI_PORT_DOWNSTREAM) {
        return AQPIM_PCI_UNABLE;
    }
    const uint64_t control = link_capability(port) + AQPIM_PCI_EXPRESS_LINK_CONTROL;
    aqpim_write32(control, (aqpim_read32(control) & 0xffffu & ~clear) | set);
    return AQPIM_PCI_OK;
}

enum aqpim_pci_status aqpim_pci_disable_link(const struct aqpim_pci_function* port, uint64_t timeout_ns) {
    const enum aqpim_pci_status status = change_control(port, 0, AQPIM_PCI_LINK_DISABLE);
    return status == AQPIM_PCI_OK ? wait_until(port, false, timeout_ns) : status;
}

enum aqpim_pci_status aqpim_pci_enable_link(const struct aqpim_pci_function* port, uint64_t timeout_ns) {
    const enum aqpim_pci_status status = change_control(port, AQPIM_PCI_LINK_DISABLE, 0);
    return status == AQPIM_PCI_OK ? wait_until(port, true, timeout_ns) : status;
}

enum aqpim_pci_status aqpim_pci_retrain_link(const struct aqpim_pci_function* port, unsigned target_speed,
                                             uint64_t timeout_ns) {
    const uint64_t capability = link_capability(port);
    if (target_speed != 0 && capability != 0) {
        const uint64_t control2 = capability + AQPIM_PCI_EXPRESS_LINK_CONTROL2;
        aqpim_write32(control2, (aqpim_read32(control2) & 0xffffu & ~TARGET_SPEED) | (target_speed & TARGET_SPEED));
    }
    const enum aqpim_pci_status status = change_control(port, 0, AQPIM_PCI_LINK_RETRAIN);
    return status == AQPIM_PCI_OK ? wait_until(port, true, timeout_ns) : status;
}
