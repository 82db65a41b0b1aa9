#include <stddef.h>

#include "aqpim/sdk/mmio.h"
#include "aqpim/sdk/pci.h"
#include "aqpim/sdk/pci_registers.h"

#define ALL_ONES 0xffffffffu

uint32_t aqpim_pci_capability(uint64_t config, uint8_t id) {
    if ((aqpim_read32(config + AQPIM_PCI_COMMAND) & AQPIM_PCI_STATUS_CAPABILITIES) == 0) {
        return 0;
    }
    uint32_t offset = aqpim_read32(config + AQPIM_PCI_CAPABILITIES) & 0xfcu;
    for (unsigned limit = 48; offset >= 0x40 && limit > 0; limit--) {
        const uint32_t head = aqpim_read32(config + offset);
        if ((head & 0xffu) == id) {
            return offset;
        }
        offset = head >> 8 & 0xfcu;
    }
    return 0;
}

uint32_t aqpim_pci_extended_capability(uint64_t config, uint16_t id) {
    uint32_t offset = AQPIM_PCI_EXTENDED;
    /* Each takes 8 bytes or more: a list that is longer goes in circles. */
    for (unsigned limit = (AQPIM_PCI_CONFIG_BYTES - AQPIM_PCI_EXTENDED) / 8; limit > 0; limit--) {
        const uint32_t head = aqpim_read32(config + offset);
        if (head == 0 || head == ALL_ONES) {
            return 0;
        }
        if ((head & 0xffffu) == id) {
            return offset;
        }
        offset = head >> 20 & 0xffcu;
        if (offset < AQPIM_PCI_EXTENDED) {
            return 0;
        }
    }
    return 0;
}

uint32_t aqpim_pci_port_type(uint64_t config) {
    const uint32_t offset = aqpim_pci_capability(config, AQPIM_PCI_CAP_EXPRESS);
    return offset != 0 ? aqpim_read32(config + offset) >> 20 & 0xfu : AQPIM_PCI_NOT_EXPRESS;
}

bool aqpim_pci_serial_number(uint64_t config, uint64_t* number) {
    const uint32_t offset = aqpim_pci_extended_capability(config, AQPIM_PCI_EXT_SERIAL);
    if (offset == 0) {
        return false;
    }
    *number = (uint64_t)aqpim_read32(config + offset + 8) << 32 | aqpim_read32(config + offset + 4);
    return true;
}

const char* aqpim_pci_status_text(enum aqpim_pci_status status) {
    static const char* const texts[] = {"ok", "the function does not answer", "the link is down", "not supported",
                                        "timed out"};
    return status < sizeof texts / sizeof *texts ? texts[status] : "unknown";
}

enum aqpim_pci_status aqpim_pci_check(const struct aqpim_pci* pci, const struct aqpim_pci_function* function) {
    if (aqpim_read32(function->config + AQPIM_PCI_ID) != ALL_ONES) {
        return AQPIM_PCI_OK;
    }
    /* Above a link that is down, ports still answer. */
    const struct aqpim_pci_function* bridge = aqpim_pci_parent(pci, function);
    while (bridge != NULL && aqpim_read32(bridge->config + AQPIM_PCI_ID) == ALL_ONES) {
        bridge = aqpim_pci_parent(pci, bridge);
    }
    const uint32_t offset = bridge != NULL ? aqpim_pci_capability(bridge->config, AQPIM_PCI_CAP_EXPRESS) : 0;
    if (offset == 0) {
        return AQPIM_PCI_ABSENT;
    }
    const bool reports = (aqpim_read32(bridge->config + offset + AQPIM_PCI_EXPRESS_LINK_CAPABILITIES) &
                          AQPIM_PCI_LINK_REPORTS_ACTIVE) != 0;
    const uint32_t link = aqpim_read32(bridge->config + offset + AQPIM_PCI_EXPRESS_LINK_CONTROL);
    return reports && (link & AQPIM_PCI_LINK_ACTIVE) == 0 ? AQPIM_PCI_LINK_DOWN : AQPIM_PCI_ABSENT;
}
